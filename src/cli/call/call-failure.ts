/**
 * Why a request had no response, and with which of curl's exit codes that ends: scripts know these.
 */
import { TracelogError } from '../../diag/errors.ts'

/** From here on a status is a failure, for `--fail`. */
export const FAILED_STATUS = 400

const EXIT_BY_CODE: Readonly<Record<string, number>> = {
  ENOTFOUND: 6,
  EAI_AGAIN: 6,
  ECONNREFUSED: 7,
  EHOSTUNREACH: 7,
  ENETUNREACH: 7,
  ETIMEDOUT: 28,
  UND_ERR_CONNECT_TIMEOUT: 28,
  UND_ERR_HEADERS_TIMEOUT: 28,
  UND_ERR_BODY_TIMEOUT: 28,
}
const BROKEN = 56
const CERTIFICATE = 60

/** @param error  of `fetch` or of reading its body; others come back as they are */
export function failedCall(error: unknown, url: string): unknown {
  if (!(error instanceof TypeError)) return error
  const { code = '', message = '' } = (error.cause ?? {}) as { code?: string; message?: string }
  const exitCode = EXIT_BY_CODE[code] ?? (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code) ? CERTIFICATE : BROKEN)
  const failure = new TracelogError(`${url} gave no response: ${message === '' ? error.message : message}`, {
    code: 'TRACELOG_BACKEND_UNREACHABLE',
    hint: 'Is the server running, and is that its address?',
    cause: error,
  })
  return Object.assign(failure, { exitCode })
}
