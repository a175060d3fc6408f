/**
 * What was typed -> the request, and where its lines are asked for.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { TracelogError } from '../../diag/errors.ts'
import type { Invocation } from '../command.ts'
import type { Io } from '../io.ts'
import { ownBearer } from './own-bearer.ts'

export interface Call {
  readonly url: string
  readonly init: RequestInit
  readonly streams: string
  readonly authorization: string | undefined
  readonly level: string | undefined
  /** A status from 400 on is a failure. */
  readonly fails: boolean
}

/** Where the handler of returned logs is mounted, unless told otherwise. */
const DEFAULT_BASE = '/.tracelog/v1'
const FORM = 'application/x-www-form-urlencoded'

/** @throws TRACELOG_USAGE */
export async function readCall({ flags, operands: [typed = ''], io }: Invocation): Promise<Call> {
  const url = readUrl('URL', typed)
  const streams = flags.text('streams')
  const authorization = flags.text('authorization')
  return {
    url,
    init: await readInit({ flags, io }),
    streams: streams === undefined ? new URL(DEFAULT_BASE, url).href : readUrl('--streams', streams),
    authorization:
      authorization === undefined
        ? ownBearer(io.env)
        : (await contentOf('--authorization', authorization, io)).toString().trim(),
    level: flags.text('level'),
    fails: flags.isSet('fail'),
  }
}

async function readInit({ flags, io }: Pick<Invocation, 'flags' | 'io'>): Promise<RequestInit> {
  const data = flags.text('data')
  const method = flags.text('request') ?? (data === undefined ? 'GET' : 'POST')
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method) || /^(?:connect|trace|track)$/i.test(method)) {
    throw usage(`--request is "${method}", but must be a method that can be sent`)
  }
  if (data !== undefined && /^(?:get|head)$/i.test(method)) {
    throw usage(`--data is given with ${method}, but must go with a method that has a body`)
  }
  const headers = new Headers(flags.texts('header').map(readHeader))
  const redirect = flags.isSet('location') ? 'follow' : 'manual'
  if (data === undefined) return { method, headers, redirect }
  if (!headers.has('content-type')) headers.set('content-type', FORM)
  return { method, headers, redirect, body: new Uint8Array(await contentOf('--data', data, io)) }
}

function readHeader(text: string): [string, string] {
  const [, name = '', value = ''] = /^([^:]*):(.*)$/s.exec(text) ?? []
  try {
    const [header] = new Headers([[name, value.trim()]])
    return header ?? [name, '']
  } catch {
    throw usage(`--header is "${text}", but must be "Name: value"`)
  }
}

/** `localhost:3000/orders` is what curl takes, too. */
function readUrl(name: string, text: string): string {
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.href
  throw usage(`${name} is "${text}", but must be an http:// or https:// URL without a password`)
}

async function contentOf(name: string, text: string, io: Io): Promise<Buffer> {
  if (!text.startsWith('@')) return Buffer.from(text)
  if (text === '@-') return Buffer.concat(await toArray(io.in))
  try {
    return await readFile(resolve(io.cwd, text.slice(1)))
  } catch (error) {
    throw usage(`${name} is "${text}", but must name a file that can be read`, error)
  }
}

async function toArray(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

function usage(message: string, cause?: unknown): TracelogError {
  return new TracelogError(message, { code: 'TRACELOG_USAGE', hint: 'See tracelog call --help.', cause })
}
