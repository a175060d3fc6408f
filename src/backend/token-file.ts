/**
 * The token of API and page, kept in the data directory: a restart keeps open tails and tabs welcome.
 *
 * `<data>/token`, mode 0600, made at the first start. Whoever holds the directory's lock may call.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const TOKEN_BYTES = 24
/** What we write ourselves; anything else in the file is not a token. */
const TOKEN = /^[A-Za-z0-9_-]{32}$/

/** The token of this directory; a new one where there is none, or something else in its place. */
export function keptToken(directory: string): string {
  const path = join(directory, 'token')
  const found = readToken(path)
  if (found !== undefined) return found
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  // Renamed into place: half a token would lock everybody out at the next start.
  const made = `${path}.${process.pid}`
  writeFileSync(made, `${token}\n`, { mode: 0o600 })
  renameSync(made, path)
  return token
}

function readToken(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (!TOKEN.test(text)) return undefined
    // It may have been copied here with the directory, open to others.
    chmodSync(path, 0o600)
    return text
  } catch {
    return undefined
  }
}
