import Foundation
import Glibc
import Testing
import Transport

@testable import Host

extension `the binary` {
    @Suite struct `a gateway among strangers` {
        private func install() throws -> Installation {
            let installation = try Installation([.init(tenant: "acme", name: "orders")])
            try installation.serve()
            return installation
        }

        @Test func `refuses what is not for it, and counts it`() throws {
            let installation = try install()
            let hook = try #require(installation.hooks["acme/orders"]).path
            let caller = Caller(installation.port)
            let body = #"{"id":"1"}"#
            let forged = signatureHeader(of: body, with: "another secret")
            let genuine = signatureHeader(of: body)
            #expect(caller.post(hook, body, [forged])?.status == 401)
            #expect(caller.post(hook, body)?.status == 401)
            #expect(caller.post(hook, body + " ", [genuine])?.status == 401)
            #expect(caller.post(hook, "{}", [signatureHeader(of: "{}")])?.status == 400)
            #expect(caller.post("/hooks/0123456789abcdef0123456789abcdef", body, [genuine])?.status == 404)
            #expect(caller.post("/somewhere", body)?.status == 404)
            #expect(caller.get(hook)?.status == 405 && caller.get(hook + "/orders")?.status == 405)
            #expect(caller.ask("PUT \(hook) HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")?.status == 405)
            let large = String(repeating: "x", count: 300_000)
            #expect(caller.post(hook, large, [genuine])?.status == 413)
            #expect(caller.ask("POST \(hook) HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n")?.status == 413)
            #expect(caller.ask("POST \(hook) HTTP/1.1\r\nContent-Length: x\r\n\r\n")?.status == 400)
            #expect(caller.ask("nonsense\r\n\r\n").map { $0.status == 400 } ?? true)

            #expect(try installation.metric("webhooks_total{outcome=\"forged\"}") == 3)
            #expect(try installation.metric("webhooks_total{outcome=\"malformed\"}") == 1)
            #expect(try installation.metric("webhooks_total{outcome=\"unknown\"}") == 1)
            #expect(try installation.metric("webhooks_total{outcome=\"accepted\"}") == 0)
            #expect(try installation.metric("http_refusals_total{reason=\"unknownPath\"}") == 1)
            #expect(try installation.metric("http_refusals_total{reason=\"methodNotAllowed\"}") == 1)
            #expect(try installation.metric("http_refusals_total{reason=\"bodyTooLarge\"}") == 2)
            #expect(caller.post(hook, body, [genuine])?.status == 202)
        }

        @Test func `serves others while some take for ever, and hangs up on those`() throws {
            let installation = try install()
            let before = try installation.status().gateway.pid
            let hook = try #require(installation.hooks["acme/orders"]).path
            let slow = (0..<100).map { _ in Caller(installation.port, patienceSeconds: 1) }
            for caller in slow {
                #expect(caller.send("POST \(hook) HTTP/1.1\r\nHost: h\r\nContent-Length: 999\r\n\r\n1"))
            }
            let senders = Senders(1, to: installation.hooks, at: installation.port, pauseMicroseconds: 5_000)
            var left = slow[...]
            let clock = ContinuousClock()
            let began = clock.now
            while let caller = left.first {
                try #require(clock.now - began < .seconds(20), "\(left.count) slow callers are still connected")
                // A byte now and then does not make it a request.
                for caller in left { _ = caller.send("2") }
                if caller.isEnded { left.removeFirst() }
            }
            let record = senders.stop()
            #expect(record.failures.isEmpty && !record.milliseconds.isEmpty)
            #expect(try installation.metric("http_refusals_total{reason=\"slowRequest\"}") == 100)
            #expect(try installation.status().gateway.pid == before)
            report(
                "100 slow callers are gone after \(clock.now - began); others meanwhile \(record.milliseconds.summary)"
            )
        }

        @Test func `outlives a thousand connections of rubbish`() throws {
            let installation = try install()
            let gateway = try #require(installation.status().gateway.pid)
            #expect(try installation.post("acme/orders", id: "before").status == 202)
            let before = try #require(ProcessFacts(pid: gateway).residentBytes)
            var dice = SeededDice()
            for _ in 0..<10 {
                let crowd = (0..<100).map { _ in Caller(installation.port) }
                for caller in crowd {
                    let bytes = (0..<dice.roll(2_000)).map { _ in UInt8(dice.roll(256)) }
                    _ = caller.send(String(decoding: bytes, as: UTF8.self) + "\r\n\r\n")
                }
                #expect(try installation.post("acme/orders", id: "between \(dice.roll(1 << 40))").status == 202)
            }
            let after = try #require(ProcessFacts(pid: gateway).residentBytes)
            #expect(try installation.status().gateway.pid == gateway)
            #expect(after < before + (32 << 20))
            #expect(try installation.metric("http_connections_total") >= 1_000)
            try until("they are all forgotten", within: 20) { try installation.metric("http_connections ") <= 1 }
            report("1,000 connections of rubbish: the gateway's memory went from \(before >> 10) to \(after >> 10) KiB")
        }

        @Test func `shows metrics that Prometheus likes`() throws {
            let installation = try install()
            #expect(try installation.post("acme/orders", id: "1").status == 202)
            let page = try installation.metrics()
            #expect(page.split(separator: "\n").count > 60)
            let file = installation.folder + "/metrics"
            try page.write(toFile: file, atomically: false, encoding: .utf8)
            // Of Debian's package `prometheus`; ops/test installs it.
            let said = installation.folder + "/promtool"
            let program = try Program(
                ["sh", "-c", "exec promtool check metrics <\"$0\"", file],
                output: said,
                errors: said
            )
            #expect(try program.wait(within: 30) == .code(0))
            #expect(try String(contentsOfFile: said, encoding: .utf8) == "")
        }
    }
}
