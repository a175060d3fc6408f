/**
 * Is the value under this key a secret? Compared in lower case without `-`, `_` and `.`, whole and from its last dot on
 * (`http.request.header.authorization`, `db.password`).
 */

/** Source: spec, security. As they are compared. */
const BUILT_IN: readonly string[] = [
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'password',
  'passwd',
  'pwd',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'apikey',
  'xapikey',
  'session',
  'sessionid',
  'privatekey',
  'credential',
  'credentials',
  'connectionstring',
  'dsn',
  'cardnumber',
  'cvv',
  'ssn',
]

/** Keys whose answer is remembered; look-up is a tenth of the comparison. */
const MAX_REMEMBERED = 4096

export interface SecretKeyOptions {
  /** Keys to hide besides the built-in ones. As written; default none. */
  readonly addedKeys?: readonly string[]
  /** Built-in keys not to hide. As written; default none. */
  readonly removedKeys?: readonly string[]
}

/** @returns whether a value under a key is to be hidden */
export function createSecretKeyTest({ addedKeys = [], removedKeys = [] }: SecretKeyOptions): (key: string) => boolean {
  const secret = new Set([...BUILT_IN, ...addedKeys.map(comparable)])
  for (const key of removedKeys) secret.delete(comparable(key))
  const remembered = new Map<string, boolean>()

  return (key) => {
    const known = remembered.get(key)
    if (known !== undefined) return known
    const isSecret = secret.has(comparable(key)) || secret.has(comparable(key.slice(key.lastIndexOf('.') + 1)))
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, isSecret)
    return isSecret
  }
}

function comparable(key: string): string {
  return key.toLowerCase().replaceAll(/[-_.\s]/g, '')
}
