/**
 * What do these configuration files say?
 */
import { readFileSync, statSync } from 'node:fs'

import { TracelogError } from '../../diag/errors.ts'
import type { Attributes } from '../../model/any-value.ts'
import { invalid, type Env } from '../env.ts'
import { ConfigNode } from './config-node.ts'
import { NO_FILE_SETTINGS, unreadable, type ConfigFile, type FileSettings, type ReadFiles } from './file-settings.ts'
import { readOtelSections } from './otel-sections.ts'
import { readOwnSection } from './own-section.ts'
import { SettingsOfFile } from './settings-of-file.ts'
import { readYaml } from './yaml-reader.ts'

const OWN_SECTION = 'tracelog'
/** Of an honest file: below 100 KB. Bytes. */
const MAX_BYTES = 1024 * 1024

/** Never throws. @param files  the weaker one first */
export const readFiles: ReadFiles = (files, env) => {
  const read = files.map((file) => readFile(file, env))
  return {
    variables: new Map(read.flatMap(({ variables }) => [...variables])),
    resourceAttributes: Object.assign({}, ...read.map(({ resourceAttributes }) => resourceAttributes)) as Attributes,
    isWhole: read.every(({ isWhole }) => isWhole),
    leftOut: read.flatMap(({ leftOut }) => leftOut),
    problems: read.flatMap(({ problems }) => problems),
  }
}

function readFile(file: ConfigFile, env: Env): FileSettings {
  try {
    const text = textOf(file)
    return text === undefined ? NO_FILE_SETTINGS : settingsOf(file, text, env)
  } catch (error) {
    return unreadable(file, error)
  }
}

/** @throws TRACELOG_CONFIG_INVALID */
function textOf({ path, shown, variable }: ConfigFile): string | undefined {
  const rule = 'a file that can be read'
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined && variable === undefined) return undefined
    // A pipe would keep us waiting.
    if (stats?.isFile() === true && stats.size <= MAX_BYTES) return readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw invalid(variable ?? 'the file', shown, `${rule} (${code ?? message})`)
  }
  throw invalid(variable ?? 'the file', shown, `${rule}, of at most 1 MiB`)
}

function settingsOf(file: ConfigFile, text: string, env: Env): FileSettings {
  const read = readYaml(text, env)
  if ('wrong' in read) throw notYaml(`${file.shown}:${read.wrong.line}`, read.wrong.message)
  const settings = new SettingsOfFile()
  const root = new ConfigNode(read.node, { path: '', file: file.shown })
  settings.attempt(() => {
    root.entries()
    if (file.hasOtelSections && hasKnownFormat(root, settings)) readOtelSections(root, settings)
    // The schema has a place for what is a distribution's own.
    const inDistribution = file.hasOtelSections ? root.child('distribution')?.child(OWN_SECTION) : undefined
    for (const own of [inDistribution, root.child(OWN_SECTION)]) if (own !== undefined) readOwnSection(own, settings)
    // Of the local backend, for which the same file may speak.
    if (!file.hasOtelSections) root.child('rules')?.take()
    for (const node of root.untaken()) settings.leaveOut(node)
  })
  return settings
}

/** Others have other names for the same, and the same names for others. */
function hasKnownFormat(root: ConfigNode, settings: SettingsOfFile): boolean {
  const format = root.child('file_format')
  const version = settings.attempt(() => format?.text())
  if (version !== undefined && /^1\.\d+(?:-rc\.\d+)?$/.test(version)) return true
  const name = `file_format (${root.place.file}:${format?.place.line ?? 1})`
  settings.problems.push(invalid(name, version ?? '', '1.x, as "1.0"'))
  for (const [key, node] of root.entries()) if (key !== OWN_SECTION) node.take()
  return false
}

function notYaml(place: string, message: string): TracelogError {
  return new TracelogError(`${place} is no YAML: ${message}; nothing of the file is used`, {
    code: 'TRACELOG_CONFIG_INVALID',
    hint: 'Put that line right.',
  })
}
