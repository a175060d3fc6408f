/**
 * What the program that started this process says of the application: npm its package, pm2 its script.
 *
 * Not settings of ours: nothing here can be wrong, only absent.
 */
import { readText, type Env } from './env.ts'

export interface LauncherConfig {
  /** The package whose script npm, yarn or pnpm runs. */
  readonly packageName: string | undefined
  /** The application's own entry, where the process begins in pm2's. */
  readonly script: string | undefined
}

export function readLauncher(env: Env): LauncherConfig {
  return {
    packageName: readText(env, 'npm_package_name'),
    script: readText(env, 'pm_exec_path') ?? scriptOfCluster(readText(env, 'pm2_env')),
  }
}

/** In cluster mode pm2 hands everything over as one JSON text. */
function scriptOfCluster(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    const { pm_exec_path: script } = JSON.parse(text) as { pm_exec_path?: unknown }
    return typeof script === 'string' && script !== '' ? script : undefined
  } catch {
    return undefined
  }
}
