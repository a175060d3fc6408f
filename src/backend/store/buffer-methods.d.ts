/**
 * The encoding-specific methods behind `buffer.toString` and `buffer.write`: public since Node 0.x, without types.
 *
 * They skip a look-up of the encoding's name per value, of which the store's readers make several for each record.
 */
interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
  utf8Slice(start?: number, end?: number): string
  latin1Slice(start?: number, end?: number): string
  hexSlice(start?: number, end?: number): string
  base64Slice(start?: number, end?: number): string
  utf8Write(text: string, offset?: number, length?: number): number
  latin1Write(text: string, offset?: number, length?: number): number
}
