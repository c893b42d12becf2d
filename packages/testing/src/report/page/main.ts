import { sceneFromJson } from '../scene-json.ts'
import { type Command, Commands, listenToKeys } from './commands.ts'
import { Details } from './details.ts'
import { Player } from './player.ts'
import { listenToMap, listenToPointer, listenToWheel } from './pointer.ts'
import { instant } from './ticks.ts'

/** Brings the page to life. */
export function start(): void {
  const scene = sceneFromJson(byId('scene').textContent ?? '')
  const player = new Player(scene, byId('picture') as HTMLCanvasElement, byId('map') as HTMLCanvasElement)
  const details = new Details(player, byId('details'))
  const commands = new Commands(player, details)
  player.onDrawn = () => {
    const { from, to } = player.view
    byId('range').textContent =
      `${instant(Math.max(scene.startMs, from))} – ${instant(Math.min(scene.endMs, to))}`
  }
  listenToWheel(player)
  listenToPointer(player, details)
  listenToMap(player)
  listenToKeys(player, commands)
  listenToButtons(player, commands)
  listenToCopy()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => player.repaint())
  new ResizeObserver(() => player.draw()).observe(player.canvas)
  player.draw()
}

function listenToButtons(player: Player, commands: Commands): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-command]')) {
    button.addEventListener('click', () => commands.run(button.dataset['command'] as Command))
  }
  for (const button of document.querySelectorAll<HTMLElement>('[data-at]')) {
    button.addEventListener('click', () => commands.lookAt(Number(button.dataset['at'])))
  }
  for (const box of document.querySelectorAll<HTMLInputElement>('[data-show]')) {
    box.addEventListener('change', () =>
      player.show(box.dataset['show'] as 'arrived' | 'copy' | 'lost', box.checked),
    )
  }
}

/** Puts the command that repeats the run into the clipboard, or selects it where a page from a file may not. */
function listenToCopy(): void {
  const button = document.getElementById('copy')
  const command = document.getElementById('repro')
  if (button === null || command === null) return
  button.addEventListener('click', () => {
    const copied = (): void => {
      button.textContent = 'Copied'
    }
    const select = (): void => {
      getSelection()?.selectAllChildren(command)
      button.textContent = 'Selected'
    }
    // Absent where the page does not count as secure.
    const clipboard = navigator.clipboard as Clipboard | undefined
    if (clipboard === undefined) select()
    else void clipboard.writeText(command.textContent ?? '').then(copied, select)
  })
}

function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement
}
