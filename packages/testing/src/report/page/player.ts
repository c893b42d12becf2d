import type { Scene } from '../scene.ts'
import type { Brush } from './brush.ts'
import { drawArrows, strokeAll } from './draw-arrows.ts'
import { drawAxis, drawFailure, drawFaults, drawForgotten, drawNames, drawSplits } from './draw-background.ts'
import { drawIntervals } from './draw-intervals.ts'
import { drawLanes, drawLaneWords, drawRoles } from './draw-lanes.ts'
import { drawMap, MAP_HEIGHT } from './draw-map.ts'
import { layoutGeometry } from './geometry.ts'
import { type Item, itemAt, itemBox } from './items.ts'
import { openingView, roomy } from './opening-view.ts'
import { type Palette, readPalette } from './palette.ts'
import { arrowPoints, type Box, openEnds, type Point, type Stage } from './shapes.ts'
import type { View } from './view.ts'

/** Space on the right of the lanes, in pixels. */
const RIGHT = 12

/** The picture and its map on their canvases. Holds what the eye is on; everything else follows from the scene. */
export class Player {
  /** All the time that can be seen. */
  readonly whole: View
  readonly scene: Scene
  readonly canvas: HTMLCanvasElement
  readonly map: HTMLCanvasElement
  /** Called after every drawing. */
  onDrawn: () => void = () => undefined
  readonly #geometry: Stage['geometry']
  readonly #ends: readonly number[]
  readonly #hidden = new Set<'arrived' | 'copy' | 'lost'>()
  #palette: Palette
  #view: View
  #selected: Item | undefined
  #pending = false

  constructor(scene: Scene, canvas: HTMLCanvasElement, map: HTMLCanvasElement) {
    this.scene = scene
    this.canvas = canvas
    this.map = map
    this.whole = roomy({ from: scene.startMs, to: scene.endMs })
    this.#view = openingView(scene)
    this.#geometry = layoutGeometry(scene)
    this.#ends = openEnds(scene)
    this.#palette = readPalette(canvas)
  }

  /** What is seen now. */
  get view(): View {
    return this.#view
  }

  set view(view: View) {
    this.#view = view
    this.draw()
  }

  /** What is looked at closely. */
  get selected(): Item | undefined {
    return this.#selected
  }

  set selected(item: Item | undefined) {
    if (item?.list === this.#selected?.list && item?.place === this.#selected?.place) return
    this.#selected = item
    this.draw()
  }

  /** Where things are on the screen. */
  get stage(): Stage {
    const width = Math.max(50, this.canvas.clientWidth - this.#geometry.gutter - RIGHT)
    return { scene: this.scene, geometry: this.#geometry, view: this.#view, width }
  }

  /** Hides arrows of a kind, or shows them again. */
  show(kind: 'arrived' | 'copy' | 'lost', visible: boolean): void {
    if (visible) this.#hidden.delete(kind)
    else this.#hidden.add(kind)
    this.draw()
  }

  /** The colours may have changed. */
  repaint(): void {
    this.#palette = readPalette(this.canvas)
    this.draw()
  }

  /** What is at a point of the canvas. */
  at(point: Point): Item | undefined {
    return itemAt(this.stage, this.#ends, point, (place) => this.#isShown(place))
  }

  /** The room that something takes on the canvas. */
  boxOf(item: Item): Box {
    return itemBox(this.stage, this.#ends, item)
  }

  /** Draws before the next frame of the screen, however often it is asked to. */
  draw(): void {
    if (this.#pending) return
    this.#pending = true
    requestAnimationFrame(() => {
      this.#pending = false
      this.#drawNow()
      this.onDrawn()
    })
  }

  #isShown(place: number): boolean {
    const outcome = this.scene.arrows[place]?.outcome
    if (outcome === 'copy') return !this.#hidden.has('copy')
    return !this.#hidden.has(outcome === 'delivered' || outcome === 'flying' ? 'arrived' : 'lost')
  }

  #drawNow(): void {
    const context = prepared(this.canvas, this.canvas.clientWidth, this.#geometry.height)
    const brush: Brush = {
      ...this.stage,
      context,
      colours: this.#palette,
      ends: this.#ends,
      shown: (place) => this.#isShown(place),
    }
    drawForgotten(brush)
    drawSplits(brush)
    drawAxis(brush)
    drawLanes(brush)
    const arrows = drawArrows(brush)
    drawRoles(brush)
    drawLaneWords(brush)
    drawFaults(brush)
    const intervals = drawIntervals(brush)
    this.#drawSelected(brush)
    drawNames(brush)
    drawFailure(brush)
    this.#drawMap()
    // For tests and the curious: what a canvas holds can't be asked.
    Object.assign(this.canvas.dataset, {
      lanes: this.scene.nodes.length,
      arrows,
      intervals,
      from: this.#view.from,
      to: this.#view.to,
    })
  }

  #drawSelected(brush: Brush): void {
    const item = this.#selected
    if (item === undefined) return
    const { context, colours, scene } = brush
    if (item.list === 'arrows') {
      const points = arrowPoints(brush, scene.arrows[item.place] as Scene['arrows'][number])
      context.lineWidth = 3
      strokeAll(context, [points], { colour: colours.select, dash: [], heads: true })
    }
    const { x, y, width, height } = this.boxOf(item)
    context.strokeStyle = colours.select
    context.lineWidth = 2
    context.setLineDash([])
    if (item.list !== 'arrows') context.strokeRect(x - 2, y - 2, width + 4, height + 4)
  }

  #drawMap(): void {
    const width = this.map.clientWidth
    drawMap({
      context: prepared(this.map, width, MAP_HEIGHT),
      colours: this.#palette,
      scene: this.scene,
      whole: this.whole,
      view: this.#view,
      width,
    })
  }
}

/** An empty canvas of so many pixels of the page, as sharp as the screen can show it. */
function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const sharpness = devicePixelRatio
  canvas.width = Math.round(width * sharpness)
  canvas.height = Math.round(height * sharpness)
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.setTransform(sharpness, 0, 0, sharpness, 0, 0)
  context.clearRect(0, 0, width, height)
  return context
}
