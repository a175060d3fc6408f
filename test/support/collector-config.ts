/** The files of collector/ as data, for tests that compare them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parse } from 'yaml'

import { COLLECTOR_FOLDER } from './servers/otelcol.ts'

type Components = Record<string, Record<string, unknown> | undefined>

export interface CollectorConfig {
  readonly extensions: Components
  readonly receivers: Components
  readonly processors: Components
  readonly exporters: Components
  readonly service: {
    readonly extensions: readonly string[]
    readonly telemetry: unknown
    readonly pipelines: Readonly<Record<string, Pipeline>>
  }
}

export interface Pipeline {
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}

/** A whole role; an overlay may lack what the type names. */
export function readConfig(file: string): CollectorConfig {
  return parse(readCollectorFile(file)) as CollectorConfig
}

export function readCollectorFile(file: string): string {
  return readFileSync(join(COLLECTOR_FOLDER, file), 'utf8')
}

/** A variable and its default; undefined: it has none. */
export type Variables = Readonly<Record<string, string | undefined>>

/** What a file of the Collector (`${env:X:-y}`), of Loki or Tempo (`${X:-y}`) reads, comments left out. */
export function variablesRead(text: string): Variables {
  const code = text.replaceAll(/(?:^|\s)#.*$/gm, '')
  const found = code.matchAll(/(?<!\$)\$\{(?:env:)?([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g)
  return Object.fromEntries([...found].map(([, name, value]) => [name!, value]))
}

/** What a file's head comment says that it reads: `#   NAME (default) what for`. */
export function variablesListed(text: string): Variables {
  const head = /^(?:#.*\n)+/.exec(text)?.[0] ?? ''
  const found = head.matchAll(/^# {3}([A-Z][A-Z0-9_]*) \(([^)]*)\)/gm)
  return Object.fromEntries([...found].map(([, name, value]) => [name!, value]))
}
