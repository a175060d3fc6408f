/**
 * The README's tables against the code: every variable, error code and command has its row, and no row is left over;
 * every library that is heard has one with its versions.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { SUPPORTED_LIBRARIES } from '../src/cli/doctor/supported-libraries.ts'
import { ERROR_CODES } from '../src/diag/errors.ts'
import { DUMP_REASONS } from '../src/model/recorder-stats.ts'
import * as semconv from '../src/model/semconv.ts'
import { SETTINGS } from './env/settings.ts'

const root = new URL('..', import.meta.url).pathname
const readme = readFileSync(`${root}README.md`, 'utf8')

/** The README says once that these exist. */
const PER_SIGNAL = /^OTEL_EXPORTER_OTLP_(?:LOGS|TRACES|METRICS)_(?!TEMPORALITY|DEFAULT)/

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

const isDumpField = (name: unknown): name is string => typeof name === 'string' && name.startsWith('tracelog.dump.')

test('every field of a dump and every reason for one has a row', () => {
  const fields = Object.values<unknown>(semconv).filter(isDumpField)
  expect(rows('Debugging a failed request', /tracelog\.dump\.[a-z_]+/g)).toEqual(fields.toSorted())
  expect(rows('Debugging a failed request', /(?<=`)[a-z]+(?=`)/g)).toEqual([...DUMP_REASONS].toSorted())
})

test('every command has a row', () => {
  const help = spawnSync(process.execPath, [`${root}dist/cli.js`, '--help'], { encoding: 'utf8' }).stdout
  const commands = [...help.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name!)
  expect(commands).not.toEqual([])
  expect(rows('Commands', /tracelog ([a-z-]+)/g).map((text) => text.replace('tracelog ', ''))).toEqual(
    commands.toSorted(),
  )
})

/** What people call a library that the README does not name by its package. */
const TITLES: Readonly<Record<string, string>> = { '@hapi/hapi': 'hapi', '@nestjs/core': 'Nest', bullmq: 'BullMQ' }

/** What stands behind a library where the README first names it: `pino 8 to 10`, `mysql2 >= 3.20`, `amqplib (>= 0.10)`. */
function versionsInReadme(
  title: string,
): { readonly isOpen: boolean; readonly versions: readonly string[] } | undefined {
  for (const [, cell = ''] of section('What you get').matchAll(/^\| ([^|]+) \|/gm)) {
    const words = cell.split(/[\s`(),]+/)
    const behind = words.indexOf(title) + 1
    if (behind === 0) continue
    const length = words.slice(behind).findIndex((word) => !/^(?:>=|to|and|\d[\d.]*)$/.test(word))
    const said = words.slice(behind, length < 0 ? undefined : behind + length)
    return { isOpen: said.includes('>='), versions: said.filter((word) => /^\d/.test(word)) }
  }
  return undefined
}

/** `3.20` of `3.20.0`, `8` of `8.0.3`. */
function isStartOf(short: string, version: string): boolean {
  return `${version}.`.startsWith(`${short}.`)
}

test.each(SUPPORTED_LIBRARIES)(
  'says of $package from which version on it is heard, up to which one it was tried',
  (library) => {
    const { package: name, from, older, tried } = library
    const said = versionsInReadme(TITLES[name] ?? name)
    expect(said, `"What you get" names no ${name}`).toBeDefined()
    const { isOpen, versions } = said as NonNullable<typeof said>
    // A package that says no version is one whose older versions nobody ran.
    const [first = from === undefined ? tried : 'none', last = tried] = [versions[0], versions.at(-1)]
    const isExact = older === undefined || new RegExp(String.raw`^${first}(?:\.0)*$`).test(String(from))
    const isLast = isOpen || last.split('.')[0] === tried.split('.')[0]
    expect({ first, starts: isStartOf(first, from ?? tried), isExact, last, isLast }).toEqual({
      first,
      starts: true,
      isExact: true,
      last,
      isLast: true,
    })
  },
)
