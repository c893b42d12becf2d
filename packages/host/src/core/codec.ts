/**
 * Turns values of one type into bytes and back. Both directions are synchronous and free of side effects.
 * @category Seams
 */
export interface Codec<Value> {
  /**
   * The bytes of a value.
   * @throws A {@link ColonyError} with code `HOST_VALUE_NOT_ENCODABLE` for a value that would not come back as it went in.
   */
  encode(value: Value): Uint8Array
  /**
   * The value of bytes that `encode` made. May keep a view into `bytes`.
   * @throws A {@link ColonyError} with code `HOST_BYTES_MALFORMED` for any other bytes.
   */
  decode(bytes: Uint8Array): Value
}
