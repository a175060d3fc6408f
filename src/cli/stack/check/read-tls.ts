/**
 * The PEM files of an OTLP endpoint, read.
 */
import { readFileSync } from 'node:fs'

import { TracelogError } from '../../../diag/errors.ts'
import type { ProbeTls } from './probe.ts'

export interface TlsFiles {
  readonly certificateFile?: string
  readonly clientCertificateFile?: string
  readonly clientKeyFile?: string
}

/** @throws TRACELOG_CONFIG_INVALID for a file that cannot be read */
export function readTls({ certificateFile, clientCertificateFile, clientKeyFile }: TlsFiles): ProbeTls {
  return {
    ...(certificateFile === undefined ? {} : { ca: read(certificateFile, 'CERTIFICATE') }),
    ...(clientCertificateFile === undefined ? {} : { cert: read(clientCertificateFile, 'CLIENT_CERTIFICATE') }),
    ...(clientKeyFile === undefined ? {} : { key: read(clientKeyFile, 'CLIENT_KEY') }),
  }
}

function read(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TracelogError(`OTEL_EXPORTER_OTLP_${name} is "${file}", but must be a file that can be read`, {
      code: 'TRACELOG_CONFIG_INVALID',
      hint: 'Check its path and its permissions.',
      cause,
    })
  }
}
