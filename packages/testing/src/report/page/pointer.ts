import type { Details } from './details.ts'
import type { Player } from './player.ts'
import { centred, panned, toTime, zoomed } from './view.ts'

/** A turn of a wheel by one notch, in pixels, shows so many times as much or as little. */
const NOTCH = 100
const NOTCH_FACTOR = 1.25
/** Pixels that a hand may tremble during a click. */
const TREMBLE = 4

/** Wheel: zoom where the pointer is; with Shift, or sideways: move. Over the names the page scrolls. */
export function listenToWheel(player: Player): void {
  player.canvas.addEventListener(
    'wheel',
    (event) => {
      const { geometry, width, view } = player.stage
      if (event.offsetX < geometry.gutter) return
      event.preventDefault()
      const sideways = event.shiftKey ? event.deltaY + event.deltaX : event.deltaX
      if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
        player.view = panned(view, player.whole, sideways / width)
        return
      }
      const around = toTime(view, width, event.offsetX - geometry.gutter)
      player.view = zoomed(view, player.whole, NOTCH_FACTOR ** (event.deltaY / NOTCH), around)
    },
    { passive: false },
  )
}

/** Drag: move. Hover: say what is there. Click: keep it chosen. Double click: zoom in. */
export function listenToPointer(player: Player, details: Details): void {
  const { canvas } = player
  let drag: { readonly id: number; readonly x: number; last: number } | undefined
  canvas.addEventListener('pointerdown', (event) => {
    drag = { id: event.pointerId, x: event.offsetX, last: event.offsetX }
    canvas.setPointerCapture(event.pointerId)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (drag?.id === event.pointerId) {
      const by = drag.last - event.offsetX
      drag.last = event.offsetX
      player.view = panned(player.view, player.whole, by / player.stage.width)
      return
    }
    const item = player.at({ x: event.offsetX, y: event.offsetY })
    canvas.style.cursor = item === undefined ? 'grab' : 'pointer'
    player.selected = item
    details.show(item, event.offsetX, event.offsetY)
  })
  const release = (event: PointerEvent): void => {
    if (drag?.id === event.pointerId && Math.abs(event.offsetX - drag.x) <= TREMBLE) {
      const item = player.at({ x: event.offsetX, y: event.offsetY })
      player.selected = item
      details.show(item, event.offsetX, event.offsetY)
    }
    drag = undefined
  }
  canvas.addEventListener('pointerup', release)
  canvas.addEventListener('pointercancel', () => (drag = undefined))
  canvas.addEventListener('pointerleave', () => {
    player.selected = undefined
    details.show(undefined, 0, 0)
  })
  canvas.addEventListener('dblclick', (event) => {
    const { geometry, width, view } = player.stage
    player.view = zoomed(view, player.whole, 0.5, toTime(view, width, event.offsetX - geometry.gutter))
  })
}

/** The map: click or drag to look there. */
export function listenToMap(player: Player): void {
  const { map } = player
  const look = (event: PointerEvent): void => {
    if (event.buttons === 0) return
    player.view = centred(
      player.view,
      player.whole,
      toTime(player.whole, Math.max(1, map.clientWidth), event.offsetX),
    )
  }
  map.addEventListener('pointerdown', (event) => {
    map.setPointerCapture(event.pointerId)
    look(event)
  })
  map.addEventListener('pointermove', look)
}
