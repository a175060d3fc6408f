/**
 * Which file has the backend's rules, and what stands in it: `--rules`, else TRACELOG_CONFIG, else `tracelog.yaml` of the working directory.
 */
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'

import { invalid, readText, type Env } from './env.ts'
import type { readYamlSection } from './file/yaml-reader.ts'

export interface RulesFile {
  /** As people write it. */
  readonly shown: string
  /** Absolute. */
  readonly path: string
  /** Paths in the file are relative to it. Absolute. */
  readonly folder: string
  /** What stands for `${NAME}`. */
  readonly env: Env
  /** As it is now. @throws TRACELOG_CONFIG_INVALID when it cannot be read */
  read(): ReturnType<typeof readYamlSection>
}

export interface RulesFileOptions {
  /** `--rules` or an operand. */
  readonly flag: string | undefined
  readonly env: Env
  /** The working directory. */
  readonly cwd: string
  /** dist/yaml.cjs */
  readonly yamlPath: string
}

const OWN_FILE = 'tracelog.yaml'
/** Of an honest file: below 100 KB. Bytes. */
const MAX_BYTES = 1024 * 1024

/** `undefined`: nobody named one, and there is none in the working directory. */
export function findRulesFile({ flag, env, cwd, yamlPath }: RulesFileOptions): RulesFile | undefined {
  const name = flag === undefined ? 'TRACELOG_CONFIG' : '--rules'
  const chosen = flag ?? readText(env, 'TRACELOG_CONFIG')
  const shown = chosen ?? OWN_FILE
  const path = resolve(cwd, shown)
  if (chosen === undefined && statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  return {
    shown,
    path,
    folder: dirname(path),
    env,
    read: () => {
      const { readYamlSection: read } = createRequire(import.meta.url)(yamlPath) as {
        readYamlSection: typeof readYamlSection
      }
      return read('rules', textOf(path, chosen === undefined ? 'the file' : name, shown), env)
    },
  }
}

function textOf(path: string, name: string, shown: string): string {
  const rule = 'a file that can be read'
  try {
    const stats = statSync(path)
    // A pipe would keep us waiting.
    if (stats.isFile() && stats.size <= MAX_BYTES) return readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw invalid(name, shown, `${rule} (${code ?? message})`)
  }
  throw invalid(name, shown, `${rule}, of at most 1 MiB`)
}
