/**
 * Every variable that the application reads: its default, its values, what a wrong text leads to, and that another test shows from
 * outside what it does.
 */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { readAppConfig } from '../../src/config/app-config.ts'
import { SETTINGS } from './settings.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NAMES = new Set(SETTINGS.map(({ name }) => name))
/** The settings of the backend and of the commands' sources are tested with these. */
const APPLICATION = /^(?!backend-|source-).*\.ts$/

describe.each(SETTINGS)('$name', ({ name, of, values, wrong, beside = {}, seenIn }) => {
  test.each(values)('%s is read', (text, value) => {
    const { config, problems } = readAppConfig(text === undefined ? beside : { ...beside, [name]: text })
    expect(problems).toEqual([])
    expect(of(config)).toEqual(value)
  })

  // Any text is a name or a list of names: nothing is wrong with it.
  const wrongTexts = wrong === undefined ? [] : [wrong]
  test.each(wrongTexts)('"%s" is one problem that names variable, text and rule (%s), then the default', (...row) => {
    const [text, rule, shown = text] = row
    const { config, problems } = readAppConfig({ ...beside, [name]: text })
    expect(problems.map(({ code, message }) => ({ code, message }))).toEqual([
      { code: 'TRACELOG_CONFIG_INVALID', message: `${name} is "${shown}", but must be ${rule}` },
    ])
    expect(config).toEqual(readAppConfig(beside).config)
  })

  test(`${seenIn} shows what it does`, () => {
    expect(readFileSync(`${ROOT}test/${seenIn}`, 'utf8')).toContain(name)
  })
})

test('every variable that the application reads has a row', () => {
  const files = globSync('*.ts', { cwd: `${ROOT}src/config` }).filter((file) => APPLICATION.test(file))
  const text = files.map((file) => readFileSync(`${ROOT}src/config/${file}`, 'utf8')).join('\n')
  const read = new Set([...text.matchAll(/'((?:OTEL|TRACELOG)_[A-Z_]+)'/g)].map((match) => match[1] ?? ''))
  read.delete('TRACELOG_CONFIG_INVALID')
  expect([...read].filter((name) => !NAMES.has(name))).toEqual([])
})

test('every variable of the README is in a test of the application, of a command or of the stack', () => {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8')
  const table = readme.slice(readme.indexOf('\n## Variables\n'), readme.indexOf('\n## Errors\n'))
  const names = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/(?:OTEL|TRACELOG)_[A-Z_]+/g) ?? [],
  )
  const tests = globSync('test/**/*.ts', { cwd: ROOT })
    .filter((file) => !file.startsWith('test/env/'))
    .map((file) => readFileSync(ROOT + file, 'utf8'))
  expect(names.length).toBeGreaterThan(60)
  expect(names.filter((name) => !NAMES.has(name) && !tests.some((text) => text.includes(name)))).toEqual([])
})
