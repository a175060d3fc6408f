/**
 * The configuration files of this process: what they say at the start, and of levels later.
 */
import { fileURLToPath } from 'node:url'

import { processEnv } from '../config/env.ts'
import { configFilesOf, readConfigFiles, type ConfigFilesOptions } from '../config/file/find-config-files.ts'
import { toldOfFile, type FileSettings, type Place } from '../config/file/file-settings.ts'
import { readLevels, type LevelConfig } from '../config/level-config.ts'
import { createProblemCollector } from '../config/problems.ts'
import { sayOnce } from '../diag/events.ts'
import { workingDirectory } from './working-directory.ts'

export interface ConfigFiles {
  readonly paths: readonly string[]
  read(): FileSettings
  /** What they say of levels now; `undefined`: that cannot be read, which has been said. */
  readLevels(): LevelConfig | undefined
}

const LEVEL = 'TRACELOG_LEVEL'

/** Of the working directory at the start: applications may leave it. */
export function createConfigFiles(): ConfigFiles {
  const options: ConfigFilesOptions = {
    env: processEnv(),
    cwd: workingDirectory(),
    get yamlPath() {
      return fileURLToPath(new URL('./yaml.cjs', import.meta.url))
    },
  }
  const read = (): FileSettings => readConfigFiles(options)
  return { paths: configFilesOf(options).map(({ path }) => path), read, readLevels: () => levelsOf(read()) }
}

function levelsOf(files: FileSettings): LevelConfig | undefined {
  const collector = createProblemCollector()
  const value = files.variables.get(LEVEL)?.value
  const rules = collector.attempt(() => readLevels({ [LEVEL]: value }, LEVEL))
  const problems = [...(files.isWhole ? [] : files.problems), ...collector.problems]
  for (const problem of problems) {
    const { message } = toldOfFile(problem, files)
    sayOnce(`level: ${message}`, `${message}; the level stays as it is`)
  }
  return problems.length > 0 ? undefined : (rules ?? { severity: undefined, scopes: [] })
}

/** One line per file, however much of it is left out. */
export function sayLeftOut(places: readonly Place[]): void {
  for (const [file, ofFile] of Map.groupBy(places, (place) => place.file)) {
    const names = ofFile.map(({ path, line }) => `${path} (line ${line})`).join(', ')
    sayOnce(`left out: ${file}`, `${file}: left out, because tracelog does not do it: ${names}`)
  }
}
