/**
 * The README's tables against the code: every variable, error code and command has its row, and no row is left over.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { ERROR_CODES } from '../src/diag/errors.ts'
import { SETTINGS } from './env/settings.ts'

const root = new URL('..', import.meta.url).pathname
const readme = readFileSync(`${root}README.md`, 'utf8')

/** The README says once that these exist. */
const PER_SIGNAL = /^OTEL_EXPORTER_OTLP_(?:LOGS|TRACES)_/

/** The text below a heading, to the next one. */
function section(heading: string): string {
  const from = readme.indexOf(`\n## ${heading}\n`)
  const to = readme.indexOf('\n## ', from + 1)
  return readme.slice(from, to < 0 ? undefined : to)
}

/** What stands in backticks in the first column of the section's table. */
function rows(heading: string, pattern: RegExp): string[] {
  return section(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => line.split('|')[1]!.match(pattern) ?? [])
    .toSorted()
}

/** Every string literal of the sources that is the name of a variable. Names ending in `_` are prefixes. */
function variablesOfTheCode(): string[] {
  const names = new Set<string>()
  for (const file of globSync('src/{config,cli,app,diag,demo}/**/*.ts', { cwd: root })) {
    const code = readFileSync(root + file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    for (const [, name] of code.matchAll(/['"`.]((?:TRACELOG|OTEL)_[A-Z0-9_]*[A-Z0-9])\b/g)) names.add(name!)
  }
  for (const { name } of SETTINGS) names.add(name)
  return [...names]
    .filter((name) => !(ERROR_CODES as readonly string[]).includes(name) && !PER_SIGNAL.test(name))
    .toSorted()
}

test('every variable that the code reads has a row, and no row is left over', () => {
  expect(rows('Variables', /(?:TRACELOG|OTEL)_[A-Z0-9_]+/g)).toEqual(variablesOfTheCode())
})

test('every error code has a row', () => {
  expect(rows('Errors', /TRACELOG_[A-Z_]+/g)).toEqual([...ERROR_CODES].toSorted())
})

test('every command has a row', () => {
  const help = spawnSync(process.execPath, [`${root}dist/cli.js`, '--help'], { encoding: 'utf8' }).stdout
  const commands = [...help.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name!)
  expect(commands).not.toEqual([])
  expect(rows('Commands', /tracelog ([a-z-]+)/g).map((text) => text.replace('tracelog ', ''))).toEqual(
    commands.toSorted(),
  )
})
