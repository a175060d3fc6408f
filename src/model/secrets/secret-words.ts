/**
 * Which words say that a secret follows? The one table: keys of attributes, keys inside texts, queries of URLs and the lists of
 * the Collector are all made from it (secret-keys.ts, secret-pairs.ts, test/support/collector-redaction.ts).
 *
 * A word counts at the end of a key: `userPassword` and `DB_PASSWORD` hold a password, `passwordResetUrl`, `tokenCount` and
 * `max_tokens` hold none. After it only what leaves it the same secret may stand (`password_hash`, `cookieHeader`, `token2`).
 */

/** Which values under the word are harmless all the same. Flags, null and empty texts always are. */
export type SecretKind =
  /** None. */
  | 'any'
  /** Numbers of at most five digits: `{token: 512}` counts tokens. */
  | 'count'
  /** Absolute paths: `PWD=/home/ann`. */
  | 'directory'
  /** Plain words and short numbers, lists and maps: `?state=open`, `auth: 'required'`. */
  | 'opaque'
  /** Short numbers and codes of countries and currencies: `?code=200`, `?code=de`. */
  | 'code'

export interface SecretWord {
  /** Lower case; a blank is where the words may be joined or apart: `api key` is apikey, api_key, apiKey and API-Key. */
  readonly word: string
  readonly kind: SecretKind
  /**
   * `end`: whatever stands before it (`pgpassword`). `word`: as a word of its own (`MYSQL_PWD`, not `cpwd`). `whole`: nothing
   * before it, save a path (`user.sid`, not `accountSid`). `query`: the same, in queries of URLs only.
   */
  readonly at: 'end' | 'word' | 'whole' | 'query'
}

/** Source: spec, security; faults C1, C2; the semantic conventions (`url.query`). */
export const SECRET_WORDS: readonly SecretWord[] = [
  ...words(
    'end',
    'any',
    'password passwords passwd passphrase passcode pass_code mnemonic seed_phrase recovery_phrase',
  ),
  ...words('end', 'any', 'api_key private_key secret_key access_key access_key_id'),
  ...words(
    'end',
    'any',
    'encryption_key decryption_key signing_key master_key account_key shared_key auth_key session_key',
  ),
  ...words('end', 'any', 'service_role_key subscription_key functions_key storage_key connection_string conn_str'),
  ...words('end', 'any', 'authorization credential session_id sess_id jsession_id auth_header auth_code'),
  ...words('end', 'any', 'card_number credit_card card_num security_code social_security_number one_time_code'),
  ...words('end', 'any', 'access_tokens refresh_tokens auth_tokens api_tokens session_tokens bearer_tokens'),
  ...words('end', 'count', 'secret secrets token credentials cookie cookies api_keys private_keys access_keys'),
  ...words('word', 'any', 'jwt cvv cvv2 cvc cvc2 ssn bearer otp totp csrf xsrf'),
  ...words('word', 'count', 'pass session dsn'),
  ...words('word', 'directory', 'pwd'),
  ...words('whole', 'any', 'sid connect_sid pw cc_number saml_response client_assertion code_verifier'),
  ...words('whole', 'code', 'pin'),
  ...words('whole', 'opaque', 'auth'),
  ...words('query', 'any', 'sig signature x_goog_signature x_goog_credential x_amz_signature x_amz_credential'),
  ...words('query', 'opaque', 'key state ticket assertion'),
  ...words('query', 'code', 'code'),
]

/** What may follow the word without making it another thing, at most two of them and a number. */
export const SAME_SECRET: readonly string[] = (
  'hash hashed digest salt value values text string str plain plaintext clear raw base64 hex encoded encrypted decrypted ' +
  'binary header old new current previous prev confirm confirmation confirmed again repeat'
).split(' ')

function words(at: SecretWord['at'], kind: SecretKind, list: string): readonly SecretWord[] {
  return list.split(' ').map((word) => ({ word: word.replaceAll('_', ' '), kind, at }))
}
