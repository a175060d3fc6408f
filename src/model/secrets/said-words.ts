/**
 * What is said of a secret instead of telling it: states, types, the beginnings of sentences. `password: required` hides nothing.
 */

/** @param word  of any case */
export function isSaid(word: string): boolean {
  return word.length < MAX_WORD && SAID.has(word.toLowerCase())
}

const MAX_WORD = 24
const SAID: ReadonlySet<string> = new Set(
  (
    'a about accepted added after again all allowed already an and any api are array as at authentication available bad be ' +
    'been before being blank boolean both but by bytea can cannot changed char check checking cleared contains correct could ' +
    'count created date deleted denied did disabled do does due each either empty enabled enter error exceeded expected ' +
    'expires expired expires_in expiry fail failed failure false fetched field fields for forbidden forgot form format found ' +
    'from function generated get given granted handler has have header hidden how if in incorrect integer internal invalid ' +
    'invalidated is issued it its just keep last length list loaded lost malformed match matched matches may mismatch ' +
    'missing must my name need needed needs never new nil no none not null number object of off ok old on one only optional ' +
    'or our passed pending please present private promise provided public read ready received refreshed refused rejected ' +
    'removed renewed required reset restored return returned revoked rotated same saved see sent set should signed signing ' +
    'some store stored string strong success successful symbol text that the their there they this to too true type ' +
    'unauthorized unchanged undefined unknown unset until updated used user using valid validated validation value varchar ' +
    'verified verifying void want was weak were what when where which while whose will with without write wrong yes you ' +
    'your active basic bearer closed create delete destroyed end ended idle list new open opened refresh start started ' +
    'stop stopped include same-origin signature omit pass fail skip timeout timed update admin client server login logout auth oauth oauth2 cookie session token tokens'
  ).split(' '),
)
