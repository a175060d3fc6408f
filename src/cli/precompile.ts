/**
 * `tracelog precompile`: leaves V8's compiled code of the engine's bundle and of its chunks beside them: each process compiles less.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'

import type { Env } from '../config/env.ts'
import { asFunction, compiledName, packCompiled, START_BUNDLE, WORKER_BUNDLE } from '../model/compiled-code.ts'
import { JSON_FLAG, type Command, type Invocation } from './command.ts'
import { EXIT } from './exit-code.ts'
import { writeJson, writeLine } from './io.ts'
import { packageRoot } from './package-info.ts'

/** The codes are about 1.2 MB. */
const MAX_CODE_BYTES = 1 << 26

export const precompileCommand: Command = {
  name: 'precompile',
  summary: 'Write compiled code of tracelog beside it, for a shorter start of every process',
  operands: '',
  operandCount: { min: 0, max: 0 },
  flags: { ...JSON_FLAG },
  details: `For images: RUN npx tracelog precompile, behind the installation. It writes files into the folder of the package, for this version of
Node, and nothing else ever does. Without it, or with another Node, processes start as they would have. V8 takes the code only with the
flags that it was made with: where NODE_OPTIONS has flags of V8, set it here too.`,
  examples: [
    ['npx tracelog precompile', 'in a Dockerfile, with the Node that the image runs'],
    ['node --max-old-space-size=512 node_modules/.bin/tracelog precompile', 'for processes with this flag'],
  ],
  exitCodes: { '1': 'a file cannot be written' },
  run,
}

// oxlint-disable-next-line typescript/require-await -- commands are asynchronous
async function run({ flags, io }: Invocation): Promise<number> {
  const folder = join(packageRoot(), 'dist')
  const others = readdirSync(folder).filter((name) => /^engine-.*\.cjs$/.test(name) && name !== START_BUNDLE)
  const called = codesOfStart(join(folder, START_BUNDLE), io.env)
  let bytes = 0
  // The start's comes last: where it is, chunks look for theirs.
  const bundles = [...others, WORKER_BUNDLE, START_BUNDLE]
  for (const bundle of bundles) {
    const path = join(folder, bundle)
    const text = readFileSync(path)
    const code = called.get(bundle) ?? plainCode(bundle, text.toString('latin1'))
    const file = packCompiled(code, text)
    // Whoever may read the bundle may read this, whatever the umask of an image's build is.
    replaceFile(join(folder, compiledName(bundle, process)), file, statSync(path).mode)
    bytes += file.length
  }
  const files = bundles.length
  if (flags.isSet('json')) writeJson(io.out, { folder, files, bytes, node: process.version })
  else
    writeLine(io.out, `tracelog precompile: ${files} files (${bytes} bytes) in ${folder}, for Node ${process.version}`)
  return EXIT.done
}

/** Without its functions: whether a process calls any of them is up to it. */
function plainCode(bundle: string, text: string): Buffer {
  const { source, columnOffset } = asFunction(bundle, text)
  return new Script(source, { columnOffset }).createCachedData()
}

/** @returns by bundle, with the functions that a start and a record call. @throws when no engine starts there */
function codesOfStart(bundle: string, env: Env): ReadonlyMap<string, Buffer> {
  const program = join(packageRoot(), 'dist/cli/precompile/compile-engine.js')
  const { status, signal, stdout, stderr, error } = spawnSync(
    process.execPath,
    [...process.execArgv, program, bundle],
    {
      env: { ...withoutSettings(env), OTEL_SDK_DISABLED: 'true' },
      maxBuffer: MAX_CODE_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  if (status === 0) {
    const codes = JSON.parse(stdout.toString()) as Readonly<Record<string, string>>
    return new Map(Object.entries(codes).map(([name, code]) => [name, Buffer.from(code, 'base64')]))
  }
  const reason = error?.message ?? stderr.toString().trim().split('\n').at(-1) ?? ''
  throw new Error(`the engine could not be started to be compiled (${signal ?? status}): ${reason}`, { cause: error })
}

/** The defaults: what is compiled must not depend on where this is called, nor write or send what an application would. */
function withoutSettings(env: Env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:OTEL|TRACELOG)_/.test(name)))
}

/** Written beside and moved: a process that starts meanwhile sees a whole file. */
function replaceFile(path: string, content: Buffer, mode: number): void {
  const written = `${path}.${process.pid}`
  try {
    writeFileSync(written, content, { flag: 'wx' })
    chmodSync(written, mode & 0o666)
    renameSync(written, path)
  } catch (error) {
    rmSync(written, { force: true })
    throw error
  }
}
