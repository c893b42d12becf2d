import { constants } from 'node:crypto'
import {
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import { ColonyError } from '../core/error.ts'
import type { NodeId } from '../core/identity.ts'

/**
 * Keys for mutual TLS. Both sides of every connection present a certificate that `ca` must have signed, and that must name the node
 * which presents it: a DNS name equal to the node id, or the URI `colony:<node id>` (percent-encoded as by `encodeURIComponent`), or,
 * when it has neither kind of name, a common name equal to the node id. Host names and IP addresses play no part: a node may move.
 *
 * A certificate that lists extended key usages needs both `serverAuth` and `clientAuth`.
 * @category Transport
 */
export interface TlsOptions {
  /** Private key of this node, PEM. */
  readonly key: string | Uint8Array
  /** Certificate of this node, with intermediate ones after it, PEM. */
  readonly cert: string | Uint8Array
  /** The authorities that sign the nodes' certificates, PEM; nobody else is trusted. */
  readonly ca: string | Uint8Array | readonly (string | Uint8Array)[]
  /** Of `key`. Default: none. */
  readonly passphrase?: string
  /** Oldest protocol that is spoken. Default `'TLSv1.3'`: every node is a colony node, so there is nothing old to please. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** {@link TlsOptions} in the two forms that Node asks for. */
export interface TlsSetup {
  /** For dialling: read once, used for every connection. */
  readonly client: SecureContext
  /** For listening. */
  readonly server: SecureContextOptions
}

/**
 * Reads keys and certificates once, for all connections.
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` when one is missing or unreadable.
 */
export function prepareTls(options: TlsOptions): TlsSetup {
  for (const name of ['key', 'cert', 'ca'] as const) {
    if (options[name] === undefined || options[name].length === 0) {
      throw new ColonyError(
        'HOST_INVALID_OPTION',
        `tls.${name} is missing: mutual TLS needs key, cert and ca, as PEM`,
      )
    }
  }
  const { key, cert, ca, passphrase, minVersion = 'TLSv1.3' } = options
  if (minVersion !== 'TLSv1.2' && minVersion !== 'TLSv1.3') {
    throw new ColonyError(
      'HOST_INVALID_OPTION',
      `tls.minVersion must be 'TLSv1.2' or 'TLSv1.3', not '${String(minVersion)}'`,
    )
  }
  const authorities = typeof ca === 'string' || ca instanceof Uint8Array ? [ca] : ca
  const server: SecureContextOptions = {
    key: pem(key),
    cert: pem(cert),
    ca: authorities.map(pem),
    minVersion,
    // No session is ever resumed: every connection proves its certificate anew.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...(passphrase === undefined ? {} : { passphrase }),
  }
  try {
    return { client: createSecureContext(server), server }
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new ColonyError('HOST_INVALID_OPTION', `tls: key, cert or ca cannot be read as PEM: ${detail}`, {
      cause,
    })
  }
}

function pem(value: string | Uint8Array): string | Buffer {
  return typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/** Whether a verified certificate names node `id`. */
export function certificateNames(certificate: PeerCertificate, id: NodeId): boolean {
  const names = nodeNames(certificate)
  const uri = `URI:colony:${encodeURIComponent(id)}`
  if (names.length > 0) return names.includes(`DNS:${id}`) || names.includes(uri)
  const common: unknown = certificate.subject?.CN
  return common === id
}

/** What a certificate calls its bearer, for a message. */
export function describeCertificate(certificate: PeerCertificate): string {
  const names = nodeNames(certificate)
  return names.length > 0 ? names.join(', ') : `CN=${String(certificate.subject?.CN)}`
}

function nodeNames(certificate: PeerCertificate): string[] {
  const names = splitNames(certificate.subjectaltname ?? '')
  return names.filter((name) => name.startsWith('DNS:') || name.startsWith('URI:colony:'))
}

/**
 * Splits `DNS:a, URI:b, DNS:"c, DNS:d"`. Node quotes a name that contains a comma or a quote as a JSON string, so that a name cannot
 * pretend to be two (CVE-2021-44532); such a name is kept in its quotes, where it equals no node id that we would ask for.
 */
function splitNames(list: string): string[] {
  const names: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < list.length; i++) {
    if (quoted && list[i] === '\\') i++
    else if (list[i] === '"') quoted = !quoted
    else if (!quoted && list[i] === ',') {
      names.push(list.slice(start, i).trim())
      start = i + 1
    }
  }
  names.push(list.slice(start).trim())
  return names.filter((name) => name !== '')
}
