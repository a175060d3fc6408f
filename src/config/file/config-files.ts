/**
 * Which configuration files are there, and what do they say? OTEL_CONFIG_FILE with all sections, and `tracelog.yaml` of the working
 * directory (or the file that TRACELOG_CONFIG names) with the section `tracelog:`, which is the stronger of two.
 *
 * A file that cannot be read is one problem, and says nothing. Read again when it has changed, for the level.
 */
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'
import { invalid, readText, type Env } from '../env.ts'
import { ConfigNode } from './config-node.ts'
import { NO_FILE_SETTINGS, SettingsOfFile, type FileSettings } from './file-settings.ts'
import { readOtelSections } from './otel-sections.ts'
import { readOwnSection } from './own-section.ts'
import type { ReadYaml } from './yaml-reader.ts'

export interface ConfigFilesOptions {
  readonly env: Env
  /** The working directory. */
  readonly cwd: string
  /** dist/yaml.cjs */
  readonly yamlPath: string
}

export interface ConfigFile {
  /** As people write it. */
  readonly shown: string
  readonly path: string
  /** The variable that names it; `undefined`: it is there or not, as it likes. */
  readonly variable: string | undefined
  readonly hasOtelSections: boolean
}

const OWN_FILE = 'tracelog.yaml'
const OWN_SECTION = 'tracelog'
/** Of an honest file: below 100 KB. Bytes. */
const MAX_BYTES = 1024 * 1024

/** The weaker one first. Whether they are there is another question. */
export function configFilesOf({ env, cwd }: Pick<ConfigFilesOptions, 'env' | 'cwd'>): readonly ConfigFile[] {
  const named = (name: string): ConfigFile[] => {
    const shown = readText(env, name)
    return shown === undefined
      ? []
      : [{ shown, path: resolve(cwd, shown), variable: name, hasOtelSections: name !== 'TRACELOG_CONFIG' }]
  }
  const [otel = named('OTEL_EXPERIMENTAL_CONFIG_FILE')[0]] = named('OTEL_CONFIG_FILE')
  const inFolder = { shown: OWN_FILE, path: join(cwd, OWN_FILE), variable: undefined, hasOtelSections: false }
  const [own = inFolder] = named('TRACELOG_CONFIG')
  return otel === undefined ? [own] : otel.path === own.path ? [otel] : [otel, own]
}

/** Never throws. */
export function readConfigFiles(options: ConfigFilesOptions): FileSettings {
  const read = configFilesOf(options).map((file) => readConfigFile(file, options))
  return {
    variables: new Map(read.flatMap(({ variables }) => [...variables])),
    resourceAttributes: Object.assign({}, ...read.map(({ resourceAttributes }) => resourceAttributes)),
    isWhole: read.every(({ isWhole }) => isWhole),
    leftOut: read.flatMap(({ leftOut }) => leftOut),
    problems: read.flatMap(({ problems }) => problems),
  }
}

/** Never throws. */
export function readConfigFile(file: ConfigFile, { env, yamlPath }: ConfigFilesOptions): FileSettings {
  try {
    const text = textOf(file)
    return text === undefined ? NO_FILE_SETTINGS : settingsOf(file, text, { env, yamlPath })
  } catch (error) {
    return { ...NO_FILE_SETTINGS, isWhole: false, problems: [problemOf(error, file)] }
  }
}

/** The YAML reader may be missing, where an application is bundled into one file. */
function problemOf(error: unknown, { shown }: ConfigFile): TracelogError {
  if (error instanceof TracelogError) return error
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return new TracelogError(`${shown} cannot be read: ${message}; nothing of the file is used`, {
    code: 'TRACELOG_CONFIG_INVALID',
    hint: 'Say it by environment variables.',
    cause: error,
  })
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

function settingsOf(
  file: ConfigFile,
  text: string,
  { env, yamlPath }: Pick<ConfigFilesOptions, 'env' | 'yamlPath'>,
): FileSettings {
  const { readYaml } = createRequire(import.meta.url)(yamlPath) as { readYaml: ReadYaml }
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
