import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

const CONFIG = fileURLToPath(new URL('../../src/config', import.meta.url))
const TESTS = fileURLToPath(new URL('.', import.meta.url))
/** The settings of the backend and of the commands' sources are tested with these. */
const APPLICATION = /^(?!backend-|source-).*\.ts$/

test('every variable that the application reads has a test file of its name', () => {
  const files = globSync('*.ts', { cwd: CONFIG }).filter((file) => APPLICATION.test(file))
  const text = files.map((file) => readFileSync(`${CONFIG}/${file}`, 'utf8')).join('\n')
  const read = new Set([...text.matchAll(/'((?:OTEL|TRACELOG)_[A-Z_]+)'/g)].map((match) => match[1] ?? ''))
  read.delete('TRACELOG_CONFIG_INVALID')
  const tested = new Set(globSync('*.test.ts', { cwd: TESTS }).map((file) => file.replace('.test.ts', '')))
  expect([...read].filter((name) => !tested.has(name))).toEqual([])
})
