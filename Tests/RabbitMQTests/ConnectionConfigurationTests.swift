import RabbitMQ
import Testing

@Suite struct ConnectionConfigurationTests {
    @Test func everyPartOfAURLIsRead() throws {
        let configuration = try ConnectionConfiguration(url: "amqp://us%40er:p%3Ass%2F@broker.example:5673/a%2Fb?heartbeat=15&connection_timeout=2500")
        #expect(configuration.host == "broker.example")
        #expect(configuration.port == 5673)
        #expect(configuration.user == "us@er")
        #expect(configuration.password == "p:ss/")
        #expect(configuration.virtualHost == "a/b")
        #expect(configuration.heartbeat == .seconds(15))
        #expect(configuration.connectTimeout == .milliseconds(2500))
        #expect(configuration.tls == nil)
    }

    @Test func whatIsLeftOutHasTheUsualValue() throws {
        let plain = try ConnectionConfiguration(url: "amqp://localhost")
        #expect(plain.port == 5672 && plain.virtualHost == "/" && plain.user == "guest" && plain.password == "guest")
        let secure = try ConnectionConfiguration(url: "AMQPS://u:p@[::1]/")
        #expect(secure.host == "::1" && secure.port == 5671 && secure.virtualHost == "")
        #expect(secure.tls == ConnectionConfiguration.TLS())
        #expect(secure.tls?.verifiesPeer == true)
    }

    @Test func tlsParametersAreRead() throws {
        let tls = try ConnectionConfiguration(url: "amqps://h?cacertfile=/a%20b.pem&certfile=c.pem&keyfile=k.pem&verify=verify_none").tls
        #expect(tls == ConnectionConfiguration.TLS(authorityFile: "/a b.pem", certificateFile: "c.pem", keyFile: "k.pem", verifiesPeer: false))
    }

    @Test(arguments: [
        ("localhost:5672", "scheme"), ("http://localhost", "scheme"), ("amqp://", "host"), ("amqp://u:s3cret@", "host"), ("amqp://h:99999", "port"),
        ("amqp://h:0", "port"), ("amqp://h:x", "port"), ("amqp://u:s3cret%zz@h", "password"), ("amqp://u%4:s3cret@h", "user"), ("amqp://h/a/b", "virtual host"),
        ("amqp://h/%00", "virtual host"), ("amqp://h/%ff", "virtual host"), ("amqp://h?heartbeat=-1", "heartbeat"), ("amqp://h?heartbeat", "heartbeat"),
        ("amqp://h?colour=red", "colour"), ("amqp://h?verify=verify_none", "verify"), ("amqps://h?verify=maybe", "verify"), ("amqps://h?certfile=c.pem", "keyfile"),
        ("amqp://u:s3cret#@h", "fragment"), ("amqp://[::1", "host"), ("amqp://[::1]5672", "port"),
    ])
    func aWrongPartIsNamedAndTheSecretIsNot(url: String, part: String) {
        let error = #expect(throws: RabbitMQError.self) { try ConnectionConfiguration(url: url) }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        #expect(error.map { "\($0)".contains("s3cret") } == false)
    }

    @Test func aPasswordIsInNoDescription() throws {
        let configuration = try ConnectionConfiguration(url: "amqp://user:s3cret@host/v")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, configuration.endpoint] { #expect(!text.contains("s3cret")) }
        #expect("\(configuration)" == "amqp://user:***@host:5672/v")
    }

    @Test func repliesOfTheBrokerBecomeErrors() {
        let expected: [(UInt16, RabbitMQError.Code, Bool)] = [
            (403, .accessRefused, false), (404, .notFound, false), (405, .resourceLocked, true), (406, .preconditionFailed, false), (530, .vhostNotAllowed, false),
            (320, .connectionLost, true), (541, .refusedByServer, true), (540, .refusedByServer, false),
        ]
        for (code, name, isRetriable) in expected {
            let error = RabbitMQError.fromServer(code: code, text: "TEXT", subject: "the queue q")
            #expect(error.code == name && error.isRetriable == isRetriable)
            #expect(error.cause == "\(code) TEXT")
            #expect(error.message.contains("the queue q"))
        }
    }
}
