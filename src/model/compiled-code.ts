/**
 * What is in the files that `tracelog precompile` leaves beside the engine's bundles, and is one of this bundle, whole?
 *
 *   "TLCODE1\0" | code's length, text's length (4 bytes each, little-endian) | code | code | text
 *
 * V8 looks at its own version, its flags and the length of the text, and believes the rest: a wrong byte in the code ends the process
 * ("unreachable code"; run on 22.15.0 and 24.21.0). So the code is there twice and the text once: to compare bytes is native, while a
 * sum over the code in JavaScript takes 3 ms of what the file saves, and Node's own checksums are in modules that no start loads.
 */
const MAGIC = Buffer.from('TLCODE1\0', 'latin1')
/** A multiple of 8: V8 copies code that lies elsewhere. */
const HEADER_BYTES = 16

/** What a bundle is called with: one that Node may load too, what Node gives to a module; a chunk what app/chunk.ts gives it. */
const MODULE_PARAMETERS = ['module', 'exports', 'require', '__filename', '__dirname']
export const CHUNK_PARAMETERS: readonly string[] = ['module', 'exports', 'require', '__filename', '__shared']

export interface CompilingNode {
  /** `v24.21.0` */
  readonly version: string
  readonly platform: string
  readonly arch: string
}

/** The bundle that a start needs, beside its callers; the other `engine-*.cjs` beside it are chunks. */
export const START_BUNDLE = 'engine-start.cjs'
/** The export worker's. */
export const WORKER_BUNDLE = 'export-worker-main.cjs'

/** One file per bundle and Node, in the folder of the bundle. */
export function compiledName(bundle: string, { version, platform, arch }: CompilingNode): string {
  return `${bundle.replace(/\.cjs$/, '')}-${version}-${platform}-${arch}.compiled`
}

/** The text as an expression whose value is a function; each place in it keeps its line and column, with the offset. */
export function asFunction(bundle: string, text: string): { readonly source: string; readonly columnOffset: number } {
  const parameters = bundle === START_BUNDLE || bundle === WORKER_BUNDLE ? MODULE_PARAMETERS : CHUNK_PARAMETERS
  const before = `(function (${parameters.join(', ')}) {`
  return { source: `${before}${text}\n})`, columnOffset: -before.length }
}

export function packCompiled(code: Buffer, text: Buffer): Buffer {
  const lengths = Buffer.alloc(HEADER_BYTES - MAGIC.length)
  lengths.writeUInt32LE(code.length, 0)
  lengths.writeUInt32LE(text.length, 4)
  return Buffer.concat([MAGIC, lengths, code, code, text])
}

/** @returns the code; `undefined` when the file is anything but the whole file of this text */
export function codeOf(file: Buffer, text: Buffer): Buffer | undefined {
  if (file.length < HEADER_BYTES || !MAGIC.equals(file.subarray(0, MAGIC.length))) return undefined
  const codeBytes = file.readUInt32LE(MAGIC.length)
  const isOfText = file.readUInt32LE(MAGIC.length + 4) === text.length
  if (!isOfText || codeBytes === 0 || file.length !== HEADER_BYTES + 2 * codeBytes + text.length) return undefined
  const code = file.subarray(HEADER_BYTES, HEADER_BYTES + codeBytes)
  const again = file.subarray(HEADER_BYTES + codeBytes, HEADER_BYTES + 2 * codeBytes)
  return code.equals(again) && text.equals(file.subarray(HEADER_BYTES + 2 * codeBytes)) ? code : undefined
}
