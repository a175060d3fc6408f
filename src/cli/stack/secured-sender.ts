/**
 * What an application needs to send to a stack with compose.secure.yaml: https, the token, the authority of the certificate.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { readText, type Env } from '../../config/env.ts'
import { readEnvFile } from './env-file.ts'

export interface SecuredSender {
  readonly otlp: string
  readonly env: Env
}

/** What the environment says itself stays. @param otlp  as published, with http: */
export function securedSender(folder: string, otlp: string, env: Env): SecuredSender {
  const named = readText(env, 'TRACELOG_SECRETS') ?? readEnvFile(folder).get('TRACELOG_SECRETS') ?? 'secrets'
  const [token, certificate] = ['token', 'tls.crt'].map((name) => join(resolve(folder, named), name)) as [
    string,
    string,
  ]
  return {
    otlp: otlp.replace('http:', 'https:'),
    env: {
      ...(existsSync(token) && { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${readToken(token)}` }),
      ...(existsSync(certificate) && { OTEL_EXPORTER_OTLP_CERTIFICATE: certificate }),
      ...env,
    },
  }
}

function readToken(file: string): string {
  return encodeURIComponent(readFileSync(file, 'utf8').trim())
}
