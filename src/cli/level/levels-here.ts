/**
 * Which levels do processes begin with that are started in this folder, with this environment? As the preload reads them.
 */
import { join } from 'node:path'

import { readAppConfig } from '../../config/app-config.ts'
import { readConfigFiles } from '../../config/file/find-config-files.ts'
import { formatLevels } from '../../config/level-config.ts'
import type { Io } from '../io.ts'
import { packageRoot } from '../package-info.ts'

export interface LevelHere {
  readonly level: string
  /** The file and its line, or the variable. */
  readonly from: string
}

const VARIABLE = 'TRACELOG_LEVEL'

/** The stronger one first; a wrong one is none (`tracelog doctor` says so). */
export function levelsHere({ env, cwd }: Pick<Io, 'env' | 'cwd'>): readonly LevelHere[] {
  const files = readConfigFiles({ env, cwd, yamlPath: join(packageRoot(), 'dist/yaml.cjs') })
  const { file, environment } = readAppConfig(env, { files }).config.levels
  const place = files.variables.get(VARIABLE)?.place
  return [
    ...(file === undefined || place === undefined
      ? []
      : [{ level: formatLevels(file), from: `${place.file}:${place.line}` }]),
    ...(environment === undefined ? [] : [{ level: formatLevels(environment), from: VARIABLE }]),
  ]
}
