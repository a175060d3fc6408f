/**
 * Under which name does Loki keep an attribute? It knows label names only: ASCII letters, digits and single underscores.
 *
 * Measured with Loki 3.7.8 behind the Collector 0.158.0 (test/stack/sources/fidelity.test.ts): every run of other characters and
 * underscores becomes one `_`, a name that begins with a digit gets `key_` before it, and a name without any ASCII letter or
 * digit is renamed by our Collector files, because Loki would refuse the whole request for it. Names between double underscores stay.
 */

/** Two attributes that fold to one name are one in Loki: one value survives. */
export function foldKey(name: string): string {
  if (/^__.*__$/.test(name)) return name
  const named = /[A-Za-z0-9]/.test(name) ? name : `key_${name}`
  const folded = named.replaceAll(/[^A-Za-z0-9]+/g, '_')
  return /^\d/.test(folded) ? `key_${folded}` : folded
}
