/**
 * What tests of the spool share: entries, a store on files in memory.
 */
import type { Signal } from '../../../../src/model/signal.ts'
import { assembleRequest, encodeResource, encodeScope } from '../../../../src/model/otlp-request.ts'
import type { Entry } from '../../../../src/export/spool/spool-format.ts'
import { type SpoolLoss, SpoolStore, type SpoolStoreOptions } from '../../../../src/export/spool/spool-store.ts'
import { Turns } from '../../../../src/export/spool/turns.ts'
import { memoryFiles, type MemoryFiles } from '../../../segments/support/memory-files.ts'

const RESOURCE = encodeResource({ attributes: { 'service.name': 'shop' } })
const SCOPE = encodeScope({ name: 'test', version: '' })

/** Something that stands where a record does: tag 2, length, bytes. */
function recordOf(text: string): Uint8Array {
  const bytes = Buffer.from(text)
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
  return Buffer.concat([Buffer.from([0x12, ...length]), bytes])
}

/** A request whose "records" are these texts (up to 16 KiB each). */
export function requestOfTexts(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  return assembleRequest([{ resource: RESOURCE, scopes: [{ scope: SCOPE, records: texts.map(recordOf) }] }])
}

export function entryOf(id: number, texts: readonly string[] = [`text ${id}`], signal: Signal = 'logs'): Entry {
  return {
    id,
    signal,
    count: texts.length,
    firstSeq: id * 10,
    lastSeq: id * 10 + texts.length - 1,
    bytes: requestOfTexts(texts),
  }
}

export interface OpenedStore {
  readonly store: SpoolStore
  readonly files: MemoryFiles
  readonly losses: SpoolLoss[]
}

export const OWNER = 'aa-1-2-3'

let clock = 1_700_000_000_000

export function openStore(
  files: MemoryFiles = memoryFiles(),
  options: Partial<SpoolStoreOptions> & {
    readonly maxBytes?: number
    readonly fsync?: 'each' | 'interval' | 'off'
  } = {},
): OpenedStore {
  const losses: SpoolLoss[] = []
  const { maxBytes = Infinity, fsync = 'each', ...rest } = options
  const store = new SpoolStore({
    files,
    turns: new Turns(),
    config: { maxBytes, fsync, directory: '/spool' },
    service: 'shop',
    owner: OWNER,
    wallMillis: () => clock++,
    onLost: (loss) => losses.push(loss),
    makeDirectory: async () => {},
    ...rest,
  })
  return { store, files, losses }
}

/** The "records" of a request, read back. */
export function textsIn(request: Uint8Array): string[] {
  const texts: string[] = []
  for (const resource of fields(request, 0x0a)) {
    for (const scope of fields(resource, 0x12)) {
      for (const record of fields(scope, 0x12)) texts.push(Buffer.from(record).toString())
    }
  }
  return texts
}

function* fields(bytes: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++]
    let length = 0
    for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
      byte = bytes[at++]!
      length += (byte & 127) * 2 ** shift
    }
    if (tag === wanted) yield bytes.subarray(at, at + length)
    at += length
  }
}
