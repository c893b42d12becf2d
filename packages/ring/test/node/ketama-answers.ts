import type { KetamaOptions, KetamaServers } from '../../src/node/index.ts'

/** What another client answered. */
export interface Answers {
  readonly name: string
  readonly servers: KetamaServers
  readonly options: KetamaOptions
  /** `key=server` by the server's place in the list, separated by blanks; a number n stands for the key `user:n`, the rest for themselves. */
  readonly owners: string
}

function equal(count: number, port = 11_211): KetamaServers {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`10.0.0.${at + 1}:${port}`, 1]))
}

/** Of npm's hashring 3.2.0 on Node 20. */
export const hashringAnswers: readonly Answers[] = [
  {
    name: 'two servers',
    servers: ['10.0.0.1:11211', '10.0.0.2:11211'],
    options: { like: 'hashring' },
    owners: '=1 a=0 é=0 日本語=0 😀=1 0=0 1=1 2=0 3=0 4=0 5=0 6=1 7=0 8=1',
  },
  {
    name: 'seven servers: a digest is lost',
    servers: equal(7),
    options: { like: 'hashring' },
    owners:
      '=3 a=4 é=0 日本語=3 😀=3 0=2 1=3 2=4 3=0 4=6 5=5 6=4 7=5 8=1 92=5 484=5 552=0 556=3 735=0 740=0 1004=0 1092=4',
  },
  {
    name: '49 servers: a digest is lost',
    servers: equal(49),
    options: { like: 'hashring' },
    owners:
      '=40 a=22 é=14 日本語=22 😀=3 0=28 1=13 2=32 3=42 4=28 5=22 6=41 7=5 8=17 96=0 191=19 259=31 291=39 309=8 336=32 348=46 374=0',
  },
  {
    name: '25 servers: none is lost',
    servers: equal(25),
    options: { like: 'hashring' },
    owners: '=12 a=22 é=14 日本語=22 😀=3 0=2 1=13 2=14 3=19 4=21 5=22 6=10 7=5 8=17',
  },
  {
    name: 'the port left out',
    servers: equal(4),
    options: { like: 'hashring', defaultPort: 11211 },
    owners:
      '=1 a=3 é=0 日本語=1 😀=1 0=3 1=1 2=3 3=2 4=1 5=1 6=3 7=1 8=1 12=3 13=1 14=2 17=1 19=0 31=1 32=3 36=1',
  },
  {
    name: 'weights',
    servers: { '10.0.0.1:11211': 200, '10.0.0.2:11211': { weight: 200 }, '10.0.0.3:11211': 3200 },
    options: { like: 'hashring' },
    owners:
      '=2 a=2 é=2 日本語=2 😀=2 0=2 1=2 2=2 3=0 4=2 5=2 6=2 7=2 8=2 9=2 79=2 180=2 193=2 211=2 310=2 415=2 432=2',
  },
  {
    name: 'a weight too small for any point',
    servers: { 'a:1': 1, 'b:1': 1000, 'c:1': 1000 },
    options: { like: 'hashring' },
    owners:
      '=1 a=2 é=1 日本語=1 😀=2 0=1 1=2 2=2 3=2 4=2 5=1 6=1 7=2 8=1 462=2 667=2 741=2 813=2 904=2 1180=2 1323=2 1603=2',
  },
  {
    name: 'digests by number',
    servers: { 'a:1': { vnodes: 50 }, 'b:1': { vnodes: 200 }, 'c:1': { vnodes: 40 }, 'd:1': 3 },
    options: { like: 'hashring' },
    owners:
      '=1 a=1 é=1 日本語=1 😀=1 0=1 1=0 2=3 3=1 4=3 5=1 6=0 7=1 8=3 9=3 10=3 11=1 12=2 13=0 15=0 16=1 17=1',
  },
  {
    name: 'names without a port',
    servers: ['redis-a', 'redis-b', 'redis-c'],
    options: { like: 'hashring' },
    owners: '=1 a=0 é=1 日本語=2 😀=2 0=0 1=1 2=2 3=2 4=2 5=0 6=2 7=1 8=0',
  },
  {
    name: 'names with many colons',
    servers: ['::1:11211', '[::1]:11211', 'x:11211:y', 'z:11211'],
    options: { like: 'hashring', defaultPort: 11211 },
    owners:
      '=0 a=3 é=3 日本語=3 😀=3 0=3 1=0 2=1 3=1 4=0 5=2 6=0 7=0 8=2 9=2 10=2 11=1 12=2 13=0 14=1 15=0 16=2',
  },
  {
    name: '100 digests',
    servers: ['a:1', 'b:1', 'c:1'],
    options: { like: 'hashring', vnodes: 100 },
    owners:
      '=1 a=2 é=0 日本語=1 😀=0 0=1 1=0 2=2 3=1 4=2 5=1 6=0 7=2 8=1 9=0 10=2 11=1 12=2 13=0 15=0 16=2 17=0',
  },
  {
    name: 'three points a digest',
    servers: ['a:1', 'b:1', 'c:1'],
    options: { like: 'hashring', pointsPerDigest: 3 },
    owners:
      '=2 a=0 é=1 日本語=2 😀=1 0=1 1=0 2=1 3=0 4=0 5=1 6=0 7=2 8=0 9=1 10=0 11=1 21=2 30=1 34=2 39=2 42=0',
  },
  {
    name: 'two servers at one point',
    servers: ['cache-201:11212', 'cache-260:11212'],
    options: { like: 'hashring' },
    owners:
      '=0 a=0 é=1 日本語=0 😀=1 0=1 1=1 2=1 3=1 4=1 5=0 6=0 7=0 8=1 373=0 462=0 847=0 911=0 1027=0 1180=0 1323=0 1424=0',
  },
  {
    name: 'the same two, the other way round',
    servers: ['cache-260:11212', 'cache-201:11212'],
    options: { like: 'hashring' },
    owners:
      '=1 a=1 é=0 日本語=1 😀=0 0=0 1=0 2=0 3=0 4=0 5=1 6=1 7=1 8=0 373=0 462=0 847=0 911=0 1027=0 1180=0 1323=0 1424=0',
  },
]

/** Of libmemcached 1.1.4 (Debian 12), `memcached_server_by_key` with `MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED`. */
export const libmemcachedAnswers: readonly Answers[] = [
  {
    name: 'two servers',
    servers: equal(2),
    options: { like: 'libmemcached' },
    owners: 'a=1 é=0 日本語=1 😀=1 0=0 1=1 2=1 3=0 4=1 5=1 6=1 7=1 8=1 9=0',
  },
  {
    name: 'seven servers: none is lost',
    servers: equal(7),
    options: { like: 'libmemcached' },
    owners: 'a=3 é=0 日本語=1 😀=1 0=6 1=1 2=5 3=2 4=1 5=1 6=6 7=1 8=5 9=4',
  },
  {
    name: '25 servers: a digest is lost',
    servers: equal(25),
    options: { like: 'libmemcached' },
    owners:
      'a=3 é=14 日本語=13 😀=19 0=19 1=15 2=5 3=17 4=19 5=17 6=6 7=19 8=8 9=4 10=15 73=4 81=10 132=13 134=17 179=10 203=0 294=15',
  },
  {
    name: '47 servers: a digest is lost',
    servers: equal(47),
    options: { like: 'libmemcached' },
    owners:
      'a=3 é=31 日本語=13 😀=19 0=19 1=15 2=33 3=38 4=19 5=42 6=6 7=35 8=8 9=4 10=15 11=32 45=44 73=29 89=26 130=30 132=44 179=32',
  },
  {
    name: '49 servers: none is lost',
    servers: equal(49),
    options: { like: 'libmemcached' },
    owners: 'a=3 é=31 日本語=13 😀=19 0=19 1=15 2=33 3=38 4=19 5=42 6=6 7=40 8=8 9=4',
  },
  {
    name: 'another port',
    servers: equal(4, 11_212),
    options: { like: 'libmemcached' },
    owners: 'a=3 é=1 日本語=3 😀=3 0=2 1=3 2=1 3=1 4=2 5=2 6=0 7=1 8=0 9=3',
  },
  {
    name: 'weights',
    servers: { '10.0.0.1:11211': 200, '10.0.0.2:11212': 200, '10.0.0.3:11211': 3200 },
    options: { like: 'libmemcached' },
    owners:
      'a=2 é=2 日本語=2 😀=2 0=2 1=2 2=2 3=2 4=1 5=2 6=2 7=2 8=2 9=2 10=2 118=2 146=2 182=2 398=2 526=2 583=0 594=0',
  },
  {
    name: 'a weight too small for any point',
    servers: { 'a:1': 1, 'b:1': 1000, 'c:1': 1000 },
    options: { like: 'libmemcached' },
    owners:
      'a=2 é=1 日本語=1 😀=2 0=1 1=2 2=2 3=2 4=2 5=1 6=1 7=2 8=1 9=1 462=2 667=2 741=2 813=2 904=2 1180=2 1323=2 1603=2',
  },
  {
    name: 'two servers at one point',
    servers: { 'cache-201:11212': 1, 'cache-260:11212': 1 },
    options: { like: 'libmemcached' },
    owners:
      'a=0 é=1 日本語=0 😀=1 0=1 1=1 2=1 3=1 4=1 5=0 6=0 7=0 8=1 9=1 373=0 462=0 847=0 911=0 1027=0 1180=0 1323=0 1424=0',
  },
  {
    name: 'the same two, the other way round',
    servers: { 'cache-260:11212': 1, 'cache-201:11212': 1 },
    options: { like: 'libmemcached' },
    owners:
      'a=1 é=0 日本語=1 😀=0 0=0 1=0 2=0 3=0 4=0 5=1 6=1 7=1 8=0 9=0 373=0 462=0 847=0 911=0 1027=0 1180=0 1323=0 1424=0',
  },
]
