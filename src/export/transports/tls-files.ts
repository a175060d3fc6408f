/**
 * The PEM files of an endpoint, read where they are used: at the first request.
 */
import { readFileSync } from 'node:fs'

import type { OtlpEndpoint } from '../otlp-endpoint.ts'

export type TlsFiles = Pick<OtlpEndpoint, 'certificateFile' | 'clientKeyFile' | 'clientCertificateFile'>

/**
 * Options of node:tls.
 *
 * @throws an error that names the file that cannot be read
 */
export function tlsOptions(files: TlsFiles): Record<string, Buffer> {
  return {
    ...fileAs('ca', files.certificateFile),
    ...fileAs('key', files.clientKeyFile),
    ...fileAs('cert', files.clientCertificateFile),
  }
}

function fileAs(key: string, file: string | undefined): Record<string, Buffer> {
  if (file === undefined) return {}
  try {
    return { [key]: readFileSync(file) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(`${file} cannot be read (${code ?? message})`, { cause: error })
  }
}
