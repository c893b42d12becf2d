import type { FaultStep } from '../faults/fault-step.ts'
import { changeText, groupsText, linksText, selectionText } from './fault-text.ts'
import { shortened } from './printable.ts'

/** A fault that lasts, as a band over the nodes: `partition` and `cut` keep nodes apart, `disturbance` is everything else. */
export interface Band {
  readonly kind: 'partition' | 'cut' | 'disturbance'
  /** Milliseconds. */
  readonly from: number
  /** Milliseconds. */
  readonly to: number
  /** Line among the bands, 0 and up: bands of one line do not overlap. */
  readonly row: number
  readonly text: string
}

/** A fault step that was carried out. */
export interface PerformedStep {
  /** Milliseconds. */
  readonly at: number
  readonly step: FaultStep
}

type Link = readonly [from: string, to: string]

type OpenBand = Omit<Band, 'to' | 'row'> & {
  /** Those of a cut that are not healed yet. */
  readonly links?: readonly Link[]
}

/** The faults that last, from the steps that begin, change and end them. In order of their beginning. */
export function faultBands(steps: readonly PerformedStep[], endMs: number): Band[] {
  const book = new BandBook()
  for (const { at, step } of steps) applyStep(book, at, step)
  return packed(book.finish(endMs))
}

/** Bands by what they are about; a new band about the same thing ends the old one. */
class BandBook {
  readonly #open = new Map<string, OpenBand>()
  readonly #settings = new Map<string, Map<string, unknown>>()
  readonly #closed: Omit<Band, 'row'>[] = []

  begin(about: string, band: OpenBand): void {
    this.end(about, band.from)
    this.#open.set(about, band)
  }

  end(about: string, at: number): void {
    const band = this.#open.get(about)
    this.#open.delete(about)
    if (band === undefined || at <= band.from) return
    const { kind, from, text } = band
    this.#closed.push({ kind, from, to: at, text })
  }

  /** Some links of cuts work again; a cut ends with its last one. */
  mendLinks(at: number, mended: (link: Link) => boolean): void {
    for (const [about, band] of [...this.#open]) {
      if (band.links === undefined) continue
      const links = band.links.filter((link) => !mended(link))
      if (links.length === 0) this.end(about, at)
      else this.#open.set(about, { ...band, links })
    }
  }

  endAll(kinds: readonly Band['kind'][], at: number): void {
    for (const [about, { kind }] of [...this.#open]) if (kinds.includes(kind)) this.end(about, at)
  }

  /** What is open and about something that begins with `prefix`. */
  about(prefix: string): string[] {
    return [...this.#open.keys()].filter((about) => about.startsWith(prefix))
  }

  /** Lays a change over the settings of `about`: `null` takes one back; a band lasts as long as any is left. */
  change(about: string, name: string, at: number, change: object): void {
    const settings = this.#settings.get(about) ?? new Map<string, unknown>()
    this.#settings.set(about, settings)
    for (const [field, value] of Object.entries(change)) {
      if (value === null) settings.delete(field)
      else if (value !== undefined) settings.set(field, value)
    }
    const text = `${name}: ${changeText(Object.fromEntries(settings))}`
    if (settings.size === 0) this.end(about, at)
    else if (this.#open.get(about)?.text !== shortened(text)) {
      this.begin(about, { kind: 'disturbance', from: at, text: shortened(text) })
    }
  }

  finish(endMs: number): Omit<Band, 'row'>[] {
    for (const about of [...this.#open.keys()]) this.end(about, endMs)
    return this.#closed.sort((left, right) => left.from - right.from || left.to - right.to)
  }
}

function applyStep(book: BandBook, at: number, step: FaultStep): void {
  switch (step.do) {
    case 'partition':
      // Says who can talk to whom from now on, so it replaces what was cut before.
      book.endAll(['partition', 'cut'], at)
      return book.begin('partition', {
        kind: 'partition',
        from: at,
        text: shortened(groupsText(step.groups)),
      })
    case 'cut': {
      const text = `cut ${linksText(step.links)}`
      return book.begin(text, { kind: 'cut', from: at, text: shortened(text), links: step.links })
    }
    case 'heal':
      return heal(book, at, step)
    case 'network':
      return changeNetwork(book, at, step)
    default:
      return changeNode(book, at, step)
  }
}

/** A partition that is healed in part still stands for the rest. */
function heal(book: BandBook, at: number, { from, to }: FaultStep & { readonly do: 'heal' }): void {
  if (from === undefined && to === undefined) return book.endAll(['partition', 'cut'], at)
  book.mendLinks(at, ([sender, receiver]) => (from ?? sender) === sender && (to ?? receiver) === receiver)
}

function changeNetwork(book: BandBook, at: number, step: FaultStep & { readonly do: 'network' }): void {
  const name = selectionText(step)
  // Fields that are taken back for all links are taken back for each.
  if (step.from === undefined && step.to === undefined) {
    const taken = Object.fromEntries(Object.entries(step.change).filter(([, value]) => value === null))
    for (const about of book.about('network ')) {
      book.change(about, about.slice('network '.length), at, taken)
    }
  }
  book.change(`network ${name}`, name, at, step.change)
}

/** What a node's settings are when nothing is wrong with it. */
const USUAL: Readonly<Record<string, number>> = { slackMs: 0, rate: 1, skewMs: 0, busyMs: 0 }

/** Lasting faults of one node: its disk, its clock's rate, its timers. Crashes and pauses show in the node's own lane. */
function changeNode(book: BandBook, at: number, step: FaultStep): void {
  const { do: kind, node, ...rest } = step as unknown as Readonly<Record<string, unknown>>
  if (typeof node !== 'string' || typeof kind !== 'string') return
  const change = typeof rest['change'] === 'object' && rest['change'] !== null ? rest['change'] : usual(rest)
  if (Object.keys(change).length > 0) book.change(`node ${kind} ${node}`, `${kind} ${node}`, at, change)
}

function usual(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.entries(fields).filter(([field]) => field in USUAL)
  return Object.fromEntries(known.map(([field, value]) => [field, value === USUAL[field] ? null : value]))
}

/** Gives each band the first line that is free when it begins. */
function packed(bands: readonly Omit<Band, 'row'>[]): Band[] {
  const busyUntil: number[] = []
  return bands.map((band) => {
    const free = busyUntil.findIndex((until) => until <= band.from)
    const row = free === -1 ? busyUntil.length : free
    busyUntil[row] = band.to
    return { ...band, row }
  })
}
