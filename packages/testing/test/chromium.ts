import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where Debian puts it, and where others do. `CHROMIUM` names another. */
const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** How to get one, for the name of a test that is skipped. */
export const NO_CHROMIUM = 'needs chromium: apt-get install chromium, or name one in CHROMIUM'

/** A browser on this machine, if there is any. */
export function findChromium(): string | undefined {
  return PLACES.find((path) => path !== undefined && existsSync(path))
}

/** Whether a missing browser is a failure, as in CI, and not a reason to skip. */
export const chromiumRequired: boolean = process.env['COLONY_REQUIRE_SERVERS'] === '1'

/** Starts the browser, without a window and without the calls home that it makes otherwise. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error(NO_CHROMIUM)
  const quiet = ['background-networking', 'component-update', 'sync', 'default-apps', 'quic', 'gpu']
  return await chromium.launch({
    executablePath,
    // As root, as in CI, it starts only without its sandbox; all that it opens is our own file.
    args: ['--no-sandbox', '--no-first-run', ...quiet.map((what) => `--disable-${what}`)],
  })
}
