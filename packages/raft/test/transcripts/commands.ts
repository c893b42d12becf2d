import { unmet } from './expectations.ts'
import { madeByHand } from './inject.ts'
import { showMessages, showNodes } from './picture.ts'
import { entryOf, Stage, type Which } from './stage.ts'

/** A transcript that is being played. */
export interface Play {
  stage: Stage
}

type Command = (play: Play, words: readonly string[]) => readonly string[] | void

const LARGEST_BATCH = 100

/** Every command by its first word; what it returns is printed below it. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  // nodes a b c [join d e] [batch 1]: an empty cluster, nodes that are members of nothing yet, and how many entries a message holds at most.
  nodes(play, words) {
    const [all, most] = split(words, 'batch')
    const [voters, joining] = split(all, 'join')
    play.stage = new Stage([...voters, ...joining], Number(most[0] ?? LARGEST_BATCH), joining)
  },
  // stored a 1 1:x 2 [term 3]: what a node finds on its disk.
  stored({ stage }, [id = '', ...rest]) {
    const [log, [given]] = split(rest, 'term')
    const entries = log.map(entryOf)
    stage.store(id, Number(given ?? entries.at(-1)?.term ?? 0), entries)
  },
  // campaign a: nobody heard from anybody for long, and a is the first to ask for an election.
  campaign: ({ stage }, words) => each(words, (id) => stage.campaign(id)),
  // heartbeat a: time for the heartbeats of a leader.
  heartbeat: ({ stage }, words) => each(words, (id) => stage.cores.tick(id, 10)),
  // propose a x y: commands for a, which leads; `propose leader x`: for whoever leads the latest term.
  propose({ stage }, [id = '', ...commands]) {
    const leader = id === 'leader' ? stage.leader() : id
    if (stage.cores.propose(leader, ...commands) === 0) throw new Error(`${leader} does not lead`)
  },
  // members a b c d [learners e]: a, which leads, is asked for b, c and d as voters.
  members({ stage }, [id = '', ...goal]) {
    const [voters, learners] = split(goal, 'learners')
    return stage.changeMembers(id, voters, learners) ? [] : ['not now']
  },
  // transfer a b: a, which leads, is asked to hand over to b.
  transfer: ({ stage }, [id = '', to = '']) => void stage.cores.step(id, { type: 'transfer', to }),
  // compact a: it makes a snapshot of what is committed, and forgets the log before its end. install c a: c has got it.
  compact: ({ stage }, words) => each(words, (id) => stage.compact(id)),
  install: ({ stage }, [id = '', from = '']) => stage.install(id, from),
  // inject vote-request c→b term 9 …: a message that nobody sent now; see `inject.ts`.
  inject: ({ stage }, words) => void stage.cores.wire.push(madeByHand(words)),
  // write a b: what they write is durable.
  write: ({ stage }, words) => each(words.length === 0 ? stage.ids : words, (id) => stage.write(id)),
  // deliver|drop|repeat [vote-request] [a→b | a→ | →b]
  deliver: ({ stage }, words) => some(stage.deliver(which(words))),
  drop: ({ stage }, words) => some(stage.drop(which(words))),
  repeat: ({ stage }, words) => some(stage.repeat(which(words))),
  // cut a→b c→d: what is sent that way is lost.
  cut: ({ stage }, words) => {
    each(words, (word) => {
      const { from = '', to = '' } = which([word])
      stage.cut(from, to)
    })
  },
  // partition a b | c d e: nothing passes between the groups.
  partition({ stage }, words) {
    const groups = words
      .join(' ')
      .split('|')
      .map((group) => group.trim().split(' '))
    for (const group of groups) {
      for (const other of groups) {
        if (group !== other) for (const a of group) for (const b of other) stage.cut(a, b)
      }
    }
  },
  heal: ({ stage }) => stage.heal(),
  crash: ({ stage }, words) => each(words, (id) => stage.crash(id)),
  restart: ({ stage }, words) => each(words, (id) => stage.restart(id)),
  // turn: everybody writes, and everything under way arrives.
  turn: ({ stage }) => stage.turn(),
  settle: ({ stage }) => stage.settle(),
  // run 300: so many milliseconds pass, and everything goes its way.
  run: ({ stage }, [ms]) => stage.run(Number(ms)),
  show: ({ stage }) => showNodes(stage),
  // messages [vote-request] [a→b]: what is under way.
  messages: ({ stage }, words) => showMessages(stage.under(which(words))),
  expect({ stage }, words) {
    const problem = unmet(stage, words)
    if (problem !== undefined) throw new Error(problem)
  },
}

function each(words: readonly string[], act: (word: string) => void): void {
  for (const word of words) act(word)
}

/** Whoever writes `deliver` means that there is something to deliver. */
function some(count: number): void {
  if (count === 0) throw new Error('there is no such message under way')
}

function which(words: readonly string[]): Which {
  const arrow = words.find((word) => word.includes('→'))
  const [from = '', to = ''] = arrow?.split('→') ?? []
  const type = words.find((word) => !word.includes('→'))
  return { ...(type !== undefined && { type }), ...(from !== '' && { from }), ...(to !== '' && { to }) }
}

function split(words: readonly string[], at: string): readonly [readonly string[], readonly string[]] {
  const place = words.indexOf(at)
  return place < 0 ? [words, []] : [words.slice(0, place), words.slice(place + 1)]
}
