import { requireMethods, requireName, showValue, type Codec } from '@colony/host'
import { GossipError } from '../errors.ts'
import { VALUE_CODECS, type ValueType } from './value-types.ts'

/**
 * What the keys of a node's state hold. A key that ends in `*` stands for all that begin so: `'shard:*': 'number'`; an exact key counts more than a
 * family, and a longer family more than a shorter one.
 * @category State
 */
export type SchemaShape = Readonly<Record<string, ValueType | Codec<unknown>>>

/**
 * The type of value that one entry of a schema stands for.
 * @category State
 */
export type ValueOf<Type> = Type extends 'string'
  ? string
  : Type extends 'number'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'bytes'
        ? Uint8Array
        : Type extends 'json'
          ? unknown
          : Type extends Codec<infer Value>
            ? Value
            : never

/**
 * The keys that one key of a schema stands for: itself, or all that begin so.
 * @category State
 */
export type KeyPattern<Key extends string> = Key extends `${infer Prefix}*` ? `${Prefix}${string}` : Key

/**
 * A node's state by a schema: every key may be absent, since another node may be older, or have just begun.
 * @category State
 */
export type StateOf<Shape extends SchemaShape> = {
  readonly [Key in keyof Shape & string as KeyPattern<Key>]?: ValueOf<Shape[Key]>
}

/**
 * The keys that a schema allows.
 * @category State
 */
export type KeyOf<Shape extends SchemaShape> = KeyPattern<keyof Shape & string>

/**
 * What a key of a schema holds.
 * @category State
 */
export type ValueAt<Shape extends SchemaShape, Key extends string> = Key extends keyof Shape
  ? ValueOf<Shape[Key]>
  : Key extends keyof StateOf<Shape>
    ? Exclude<StateOf<Shape>[Key], undefined>
    : never

/**
 * A schema, made by {@link defineSchema}.
 * @category State
 */
export interface Schema<Shape extends SchemaShape = SchemaShape> {
  /** What it was made of. */
  readonly shape: Shape
  /** How values of `key` become bytes; `undefined` for a key that the schema does not have. */
  codecOf(key: string): Codec<unknown> | undefined
}

/**
 * The schema of a node that was given none: any key, any JSON.
 * @category State
 */
export type AnyShape = {
  /** Every key. */
  readonly '*': 'json'
}

/**
 * Says what the keys of a node's state hold. Nodes with different schemas work together: keys that one does not have, or whose values it cannot
 * decode, it passes on and does not show.
 * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a key that is empty or too long, or a value that is neither a kind nor a codec.
 * @example
 * ```ts
 * const schema = defineSchema({ role: 'string', load: 'number', 'shard:*': 'json' })
 * ```
 * @category State
 */
export function defineSchema<const Shape extends SchemaShape>(shape: Shape): Schema<Shape> {
  if (typeof shape !== 'object' || shape === null) {
    throw invalidSchema(`a schema is an object of keys and kinds of values, not ${showValue(shape)}`)
  }
  const exact = new Map<string, Codec<unknown>>()
  const families: { readonly prefix: string; readonly codec: Codec<unknown> }[] = []
  for (const [key, type] of Object.entries(shape)) {
    requireName(invalidSchema, 'a key of a schema', key)
    const codec = codecOf(key, type)
    if (!key.endsWith('*')) exact.set(key, codec)
    else families.push({ prefix: key.slice(0, -1), codec })
  }
  families.sort((one, other) => other.prefix.length - one.prefix.length)
  return {
    shape,
    codecOf: (key) => exact.get(key) ?? families.find(({ prefix }) => key.startsWith(prefix))?.codec,
  }
}

function codecOf(key: string, type: ValueType | Codec<unknown>): Codec<unknown> {
  if (typeof type !== 'string') {
    return requireMethods(invalidSchema, `the codec of '${key}'`, type, ['encode', 'decode'])
  }
  if (Object.hasOwn(VALUE_CODECS, type)) return VALUE_CODECS[type]
  throw invalidSchema(
    `'${key}' must be one of ${Object.keys(VALUE_CODECS).join(', ')}, or a codec, not ${showValue(type)}`,
  )
}

function invalidSchema(message: string): GossipError {
  return new GossipError('GOSSIP_INVALID_OPTION', message)
}
