/**
 * The body of a write to the API: JSON, small, and said to be JSON (a form of another page cannot say that).
 */
import type { IncomingMessage } from 'node:http'

import { Unanswered } from './answer.ts'

/** A query is text that a person wrote. Bytes. */
const MAX_BYTES = 1024 * 1024

/** @throws Unanswered 415, 413, 400 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new Unanswered(415, `Content-Type is "${type}", but must be application/json`)
  }
  const coding = request.headers['content-encoding'] ?? 'identity'
  if (coding !== 'identity') throw new Unanswered(415, `Content-Encoding is "${coding}", but must be identity`)
  try {
    return JSON.parse(await readText(request)) as unknown
  } catch (error) {
    if (error instanceof Unanswered) throw error
    throw new Unanswered(400, `the body is not JSON: ${(error as Error).message}`)
  }
}

function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let total = 0
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      total += chunk.length
      chunks.push(chunk)
      if (total <= MAX_BYTES) return
      request.removeListener('data', onData)
      reject(new Unanswered(413, `the body is more than ${MAX_BYTES} bytes`))
    }
    request.on('data', onData)
    request.on('end', () => resolve(Buffer.concat(chunks).toString()))
    request.on('error', reject)
    request.on('close', () => reject(new Unanswered(400, 'the client went away')))
  })
}
