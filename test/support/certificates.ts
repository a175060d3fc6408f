/** A throw-away authority and a certificate of 127.0.0.1 that it signed, made by openssl: use `requireProgram('openssl')`. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificates {
  /** PEM files. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export function makeCertificates(folder: string): Certificates {
  const [ca, caKey, cert, key, request, names] = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key', 'tls.csr', 'names'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string, string, string]
  writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  openssl(['req', '-x509', ...NEW_KEY, '-days', '1', '-subj', '/CN=test authority', '-keyout', caKey, '-out', ca])
  openssl(['req', '-new', ...NEW_KEY, '-subj', '/CN=collector', '-keyout', key, '-out', request])
  const signer = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial']
  openssl(['x509', '-req', '-in', request, ...signer, '-days', '1', '-extfile', names, '-out', cert])
  return { ca, cert, key }
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' })
}
