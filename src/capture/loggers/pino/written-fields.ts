/**
 * The fields of a line as pino has written them: after serializers, formatters and redaction, without what every line of the logger has.
 */
import type { Line } from './line.ts'
import type { PinoLogger } from './pino-types.ts'

export type Fields = Record<string, unknown>

export interface Written {
  readonly fields: Fields
  readonly message: unknown
}

/** @returns reads the line when it is asked first */
export function createWrittenReader(line: Line, text: string): () => Written {
  let written: Written | undefined
  return () => (written ??= readLine(line, text))
}

function readLine({ logger, seat: { shape }, args, tail }: Line, text: string): Written {
  const [, given, num, time] = args
  const { symbols, messageKey, isNested } = shape
  const prefix = `${levelText(logger, symbols.lsCache, num)}${time}${String(logger[symbols.chindings])}`
  if (!text.startsWith(prefix)) return { fields: {}, message: undefined }
  let own = text.slice(prefix.length, text.lastIndexOf('}'))
  if (tail !== '' && own.endsWith(tail)) own = own.slice(0, -tail.length)
  const all = parsed(own)
  const message = all[messageKey]
  if (isNested) return { fields: (all[String(logger[symbols.nestedKey])] ?? {}) as Fields, message }
  // Without a message of the call it is one of the fields.
  if (given !== undefined) delete all[messageKey]
  return { fields: all, message }
}

function levelText(logger: PinoLogger, lsCache: symbol, num: number): string {
  return (logger[lsCache] as Readonly<Record<number, string>>)[num] ?? ''
}

/** @param own  `,"a":1,"msg":"x"` */
function parsed(own: string): Fields {
  try {
    return JSON.parse(`{${own.slice(1)}}`) as Fields
  } catch {
    return {}
  }
}
