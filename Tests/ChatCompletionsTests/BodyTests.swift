import ChatCompletions
import Foundation
import NIOCore
import Testing

@Suite("Request bodies")
struct BodyTests {
    static func text(_ request: ChatRequest, _ dialect: Endpoint.Dialect = .openai, streaming: Bool = false) async throws -> String {
        let body = try request.body(for: .named(dialect: dialect), streaming: streaming)
        let whole = try await body.collect()
        #expect(whole.readableBytes == body.byteCount)
        return String(buffer: whole)
    }

    static let request = ChatRequest(
        model: "m", messages: [
            ChatMessage(.system, [.text("Say \"hi\"\n\u{1}é")]),
            ChatMessage(.user, [.text("a"), .image(.of([1, 2, 3, 4]), detail: .low), .audio(.of([5, 6], type: "audio/wav"), format: "wav")]),
        ], answerSchema: AnswerSchema(name: "x", json: #"{"type":"object"}"#), maximumAnswerTokens: 9, temperature: 0, topP: 0.9, seed: 3)

    static let messages = #""messages":[{"role":"system","content":"Say \"hi\"\n\u0001é"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,AQIDBA==","detail":"low"}},{"type":"input_audio","input_audio":{"data":"BQY=","format":"wav"}}]}]"#

    @Test("OpenAI's dialect, byte for byte")
    func openai() async throws {
        #expect(try await Self.text(Self.request) == #"{"model":"m","# + Self.messages
            + #","response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"type":"object"}}},"max_completion_tokens":9,"temperature":0.0,"top_p":0.9,"seed":3}"#)
        #expect(try await Self.text(Self.request, .vllm) == Self.text(Self.request))
        #expect(try await Self.text(Self.request, streaming: true).hasSuffix(#""seed":3,"stream":true,"stream_options":{"include_usage":true}}"#))
    }

    @Test("llama.cpp takes the schema flat, and max_tokens")
    func llama() async throws {
        #expect(try await Self.text(Self.request, .llamaCpp).contains(#""response_format":{"type":"json_schema","schema":{"type":"object"}},"max_tokens":9,"#))
    }

    @Test("The endpoint's own name of the model is sent, and an endpoint without the model refuses")
    func models() async throws {
        var endpoint = Endpoint.named()
        endpoint.models = ["m": "vendor/m-7b"]
        #expect(String(buffer: try await Self.request.body(for: endpoint).collect()).hasPrefix(#"{"model":"vendor/m-7b","#))
        endpoint.models = ["other": "other"]
        #expect(throws: ChatError.self) { try Self.request.body(for: endpoint) }
    }

    @Test("Base64 equals Foundation's at every length up to 100")
    func base64() {
        for count in 0...100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 11) }
            var buffer = ByteBuffer()
            Base64.write(bytes, to: &buffer)
            #expect(String(buffer: buffer) == Data(bytes).base64EncodedString())
            #expect(buffer.readableBytes == Base64.encodedCount(count))
        }
    }

    @Test("What is written is JSON, whatever the text has", arguments: ["", "\"\\\u{8}\u{c}\r\t\u{0}\u{1f}", "}{]\",\"model\":\"x", "🎵 歌詞 \u{202e}abc\u{7f}"])
    func hostileText(_ text: String) async throws {
        let body = try await ChatRequest.asking(text, images: 1).body(for: .named()).collect()
        let value = try #require(try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any])
        let messages = try #require(value["messages"] as? [[String: Any]])
        let parts = try #require(messages[1]["content"] as? [[String: Any]])
        #expect(parts[0]["text"] as? String == text)
        #expect(value["model"] as? String == "gpt-4o-mini")
    }

    @Test("Media that changed, or cannot be loaded, are an error that names them")
    func media() async throws {
        var media = ChatMedia.of([1, 2, 3])
        media.load = { [1, 2] }
        let request = ChatRequest(model: "m", messages: [ChatMessage(.user, [.image(media, detail: .auto)])], maximumAnswerTokens: 1)
        await #expect(throws: ChatError(.media, "image/jpeg \(media.sha256.prefix(12))… of a request has 2 bytes where 3 were announced: it was changed or cut short")) {
            try await request.body(for: .named()).collect()
        }
    }

    @Test("Only one image at a time is in memory while a body is read")
    func lazy() async throws {
        let loads = Counter()
        let media = (0..<15).map { number in
            ChatMedia(sha256: "\(number)", mediaType: "image/jpeg", byteCount: 100_000) { loads.add(); return Array(repeating: 7, count: 100_000) }
        }
        let request = ChatRequest(model: "m", messages: [ChatMessage(.user, media.map { .image($0, detail: .low) })], maximumAnswerTokens: 1)
        var pieces = 0
        for try await _ in try request.body(for: .named()) {
            pieces += 1
            #expect(loads.value == min(pieces, 15))
        }
        #expect(pieces == 16)
    }

    @Test("Small images go together")
    func together() async throws {
        let request = ChatRequest.asking("x", images: 15)
        var pieces = 0
        for try await _ in try request.body(for: .named()) { pieces += 1 }
        #expect(pieces == 1)
    }

    @Test("A batch's line is the body in its frame")
    func batchLine() async throws {
        let line = String(buffer: try await Self.request.batchLine(customID: "r-1", for: .named()).collect())
        #expect(line == #"{"custom_id":"r-1","method":"POST","url":"/v1/chat/completions","body":"# + (try await Self.text(Self.request)) + "}\n")
    }
}

@Suite("A request's digest")
struct DigestTests {
    @Test("It is pinned: answers that were paid for are found by it")
    func golden() {
        #expect(BodyTests.request.digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == "e49710621e72741312a9d812a6c6671032165efbab50c485c1fc6940c06e7031")
        #expect(BodyTests.request.digest.count == 32)
    }

    @Test("All that can change the answer changes it, and nothing else does")
    func covers() {
        let base = ChatRequest.asking("a", images: 1, schema: .caption)
        var others: [ChatRequest] = []
        func with(_ change: (inout ChatRequest) -> Void) {
            var other = base
            change(&other)
            others.append(other)
        }
        with { $0.model = "x" }
        with { $0.messages[0].role = .user }
        with { $0.messages[1].parts[0] = .text("b") }
        with { $0.messages[1].parts[1] = .image(.of([9]), detail: .low) }
        with { $0.messages[1].parts[1] = .image(.of(Array(repeating: 0, count: 1000)), detail: .high) }
        with { $0.messages[1].parts.append(.text("")) }
        with { $0.answerSchema = nil }
        with { $0.answerSchema?.name = "y" }
        with { $0.answerSchema?.json += " " }
        with { $0.maximumAnswerTokens = 1 }
        with { $0.temperature = nil }
        with { $0.topP = 1 }
        with { $0.seed = 8 }
        #expect(Set(others.map(\.digest) + [base.digest]).count == others.count + 1)
        #expect(base.digest == ChatRequest.asking("a", images: 1, schema: .caption).digest)
    }
}

@Suite("Estimated tokens")
struct TokenTests {
    @Test("Images by the models' published rules", arguments: [
        (ImageTokenRules.Image.tiles(base: 85, tile: 170), 1024, 1024, ImageDetail.high, 765),
        (.tiles(base: 85, tile: 170), 2048, 4096, .high, 1105),
        (.tiles(base: 85, tile: 170), 4096, 8192, .low, 85),
        (.tiles(base: 2833, tile: 5667), 320, 180, .auto, 8500),
        (.patches(most: 1536, percent: 162), 1024, 1024, .auto, 1658),
        (.patches(most: 1536, percent: 100), 1800, 2400, .auto, 1536),
        (.squares(side: 28, fewest: 4, most: 16384), 280, 280, .auto, 100),
        (.fixed(256), 9999, 1, .auto, 256),
    ])
    func images(_ rule: ImageTokenRules.Image, _ width: Int, _ height: Int, _ detail: ImageDetail, _ tokens: Int) {
        #expect(ImageTokenRules(image: rule).tokens(width: width, height: height, detail: detail) == tokens)
    }

    @Test("Text by script")
    func text() {
        #expect(ChatRequest.estimatedTokens(of: String(repeating: "word ", count: 80)) == 100)
        #expect(ChatRequest.estimatedTokens(of: String(repeating: "歌", count: 100)) == 80)
        #expect(ChatRequest.estimatedTokens(of: "") == 0)
    }

    @Test("Messages, images, sound and schema add up")
    func whole() {
        let rules = ImageTokenRules(image: .fixed(100), tokensPerSoundSecond: 10)
        let plain = ChatRequest.asking("x").estimatedTokens(rules)
        #expect(ChatRequest.asking("x", images: 3).estimatedTokens(rules) == plain + 300)
        #expect(ChatRequest.asking("x", schema: .caption).estimatedTokens(rules) > plain + 30)
        var sound = ChatRequest.asking("x")
        sound.messages[1].parts.append(.audio(ChatMedia(sha256: "", mediaType: "audio/wav", byteCount: 0, seconds: 30) { [] }, format: "wav"))
        #expect(sound.estimatedTokens(rules) == plain + 300)
    }
}
