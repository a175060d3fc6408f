/**
 * Which configuration files are there? OTEL_CONFIG_FILE with all sections, and `tracelog.yaml` of the working directory (or the file that
 * TRACELOG_CONFIG names) with the section `tracelog:`, which is the stronger of two.
 *
 * What reads them is loaded when one is there: most processes have none, and pay a look.
 */
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

import { readText, type Env } from '../env.ts'
import { NO_FILE_SETTINGS, unreadable, type ConfigFile, type FileSettings, type ReadFiles } from './file-settings.ts'

export interface ConfigFilesOptions {
  readonly env: Env
  /** The working directory. */
  readonly cwd: string
  /** dist/yaml.cjs */
  readonly yamlPath: string
}

const OWN_FILE = 'tracelog.yaml'

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

/** Never throws: a file that cannot be read is one problem, and says nothing. */
export function readConfigFiles(options: ConfigFilesOptions): FileSettings {
  const files = configFilesOf(options).filter((file) => file.variable !== undefined || isThere(file))
  const [first] = files
  if (first === undefined) return NO_FILE_SETTINGS
  try {
    const { readFiles } = createRequire(import.meta.url)(options.yamlPath) as { readFiles: ReadFiles }
    return readFiles(files, options.env)
  } catch (error) {
    // Where an application is bundled into one file, the reader is not beside it.
    return unreadable(first, error)
  }
}

function isThere({ path }: ConfigFile): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // What may not be seen is not ours.
    return false
  }
}
