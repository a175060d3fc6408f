/** Fake timers of an application's tests must not stop us: two files take the platform's clocks and timers, when they are loaded. */
import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

const SOURCE = new URL('../src/', import.meta.url).pathname
/** The application's half, which runs where clocks may be faked. */
const FOLDERS = ['app', 'capture', 'context', 'diag', 'export', 'process', 'record', 'segments', 'tasks', 'model']
/** Where they are taken. */
/** Read by commands and the backend. */
const BACKEND_ONLY = 'model/line-shapes/'
const HOMES = ['diag/clock.ts', 'diag/timers.ts']

const PLATFORM_TIME =
  /\bperformance\b|\bDate\.now\(|\bnew Date\(\)|\b(?:set|clear)(?:Timeout|Interval|Immediate)\(|\bqueueMicrotask\b|\bnextTick\b|\bhrtime\b|\bprocess\.uptime\b/

function lateReadings(source: string): string[] {
  const code = source.replaceAll(/\/\*[^]*?\*\/|\/\/.*|'\w+'/g, '')
  return code.split('\n').filter((line) => PLATFORM_TIME.test(line))
}

describe('a clock or timer of the platform is not used in', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
      (file) =>
        file.startsWith(`${folder}/`) &&
        /\.c?ts$/.test(file) &&
        !HOMES.includes(file) &&
        !file.startsWith(BACKEND_ONLY),
    ),
  )
  test.each(files)('%s', (file) => {
    expect(lateReadings(readFileSync(SOURCE + file, 'utf8'))).toEqual([])
  })
})

test.each(['const a = performance.now()', 'setTimeout(f)', 'Date.now()', 'process.nextTick(f)', 'let x = new Date()'])(
  'a late reading is found: %s',
  (line) => {
    expect(lateReadings(`/* Date.now() */\n${line}\n// setTimeout`)).toEqual([line])
  },
)
