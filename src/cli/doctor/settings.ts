/**
 * Which settings would the application have here, from where, and which of them are wrong? As the preload reads them.
 */
import { join } from 'node:path'

import { readAppConfig } from '../../config/app-config.ts'
import { readConfigFiles } from '../../config/file/find-config-files.ts'
import { layeredEnv, type LayeredEnv } from '../../config/layers.ts'
import { recorderStanding, type RecorderStanding } from '../../config/recorder-standing.ts'
import type { ReturnConfig } from '../../config/return-config.ts'
import type { Io } from '../io.ts'
import { packageRoot } from '../package-info.ts'
import type { Check } from './check.ts'

export interface FoundSettings {
  readonly layered: LayeredEnv
  /** TRACELOG_CAPTURE_STDIO */
  readonly capturesStdio: boolean
  /** `undefined`: it is off. */
  readonly recorder: RecorderStanding | undefined
  /** `undefined`: it is off. */
  readonly returning: ReturnConfig | undefined
  readonly checks: readonly Check[]
}

export function readSettings({ env, cwd }: Pick<Io, 'env' | 'cwd'>): FoundSettings {
  const files = readConfigFiles({ env, cwd, yamlPath: join(packageRoot(), 'dist/yaml.cjs') })
  const { config, problems, leftOut, settings } = readAppConfig(env, { files })
  const shown = Object.entries(settings()).map(([name, { value, source }]) => `${name}=${value} (${source})`)
  const checks: Check[] = [
    { name: 'settings', status: 'ok', message: shown.length === 0 ? 'all at their defaults' : shown.join(', ') },
    ...problems.map(({ message, hint }): Check => ({
      name: 'settings',
      status: 'warn',
      message: `${message}: the default is used`,
      hint,
    })),
  ]
  if (leftOut.length > 0) {
    const places = leftOut.map(({ path, file, line }) => `${path} (${file}:${line})`)
    checks.push({ name: 'settings', status: 'warn', message: `not done, and left out: ${places.join(', ')}` })
  }
  const { capturesStdio, returning } = config
  return { layered: layeredEnv(env, { files }), capturesStdio, recorder: recorderStanding(config), returning, checks }
}
