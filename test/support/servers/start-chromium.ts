/**
 * A Chromium, where the machine has one; for benchmarks too, which run outside of vitest.
 */
import { existsSync } from 'node:fs'

import { launch, type Browser } from 'puppeteer-core'

/** Where distributions put it. CHROMIUM names another one. */
const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Undefined: there is none. */
export const CHROMIUM: string | undefined = PLACES.find((place) => place !== undefined && existsSync(place))

/** @returns `undefined` where there is none */
export async function startBrowser(): Promise<Browser | undefined> {
  if (CHROMIUM === undefined) return undefined
  // No sandbox: tests run as root in containers, and open nothing but our own pages.
  return await launch({ executablePath: CHROMIUM, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
}
