import Crypto
import Foundation
import NIOHTTP1

extension Endpoint {
    /// The base URL without a slash at its end, found fit for requests.
    ///
    /// - Throws: `llm.configuration`.
    func address() throws(ChatError) -> String {
        guard let url = URL(string: baseURL), url.scheme == "http" || url.scheme == "https", url.host?.isEmpty == false else {
            throw ChatError(.configuration, "endpoint \(name) has no usable base URL: give one such as https://host/v1")
        }
        guard url.user == nil, url.password == nil, url.query == nil, url.fragment == nil else {
            throw ChatError(.configuration, "endpoint \(name) has a name, password, query or fragment in its base URL: give the key as a key")
        }
        guard weight > 0 else { throw ChatError(.configuration, "endpoint \(name) has weight \(weight): give one of at least 1") }
        guard key.map({ $0.isSendable }) ?? true else {
            throw ChatError(.configuration, "the key of endpoint \(name) is empty or has characters that no HTTP header can carry: check for a line break or a quotation mark at its end")
        }
        return String(baseURL.reversed().drop { $0 == "/" }.reversed())
    }

    func headers(userAgent: String) -> HTTPHeaders {
        var headers: HTTPHeaders = ["user-agent": userAgent, "accept": "application/json"]
        if let key { headers.add(name: "authorization", value: "Bearer \(key.secret)") }
        return headers
    }
}

extension APIKey {
    /// Tells keys apart without telling them: the first 16 hexadecimal digits of the SHA-256.
    public var identifier: String {
        SHA256.hash(data: Array(secret.utf8)).prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Visible ASCII and nothing else.
    var isSendable: Bool { !secret.isEmpty && secret.utf8.allSatisfy { (0x21...0x7e).contains($0) } }
}
