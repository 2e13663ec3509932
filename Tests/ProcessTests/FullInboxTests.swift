import Testing

@testable import Host

extension `the binary` {
    @Suite struct `an inbox that is full for one connection` {
        @Test func `refuses its webhooks with 503, takes those of others, and loses none`() throws {
            let installation = try Installation(
                [.init(tenant: "sick", name: "away"), .init(tenant: "well", name: "works")],
                "--inbox-limit",
                "1",
                "--restarts",
                "1/60"
            )
            try installation.serve()
            // Two crashes, and nobody takes anything out.
            for id in ["a", "b"] {
                #expect(try installation.post("sick/away", id: id, #""rehearse":"crash""#).status == 202)
            }
            try until("it is quarantined") { try installation.worker("sick/away").state == "quarantined" }

            let caller = Caller(installation.port)
            let filling = #""filling":"\#(String(repeating: "x", count: 20_000))""#
            var acknowledged = ["a", "b"]
            var refusal: Caller.Answer?
            for number in 0..<100 where refusal == nil {
                let answer = try installation.post("sick/away", id: "\(number)", filling, by: caller)
                if answer.status == 202 { acknowledged.append("\(number)") } else { refusal = answer }
            }
            #expect(refusal?.status == 503)
            #expect((refusal?.header("Retry-After").flatMap { Int($0) } ?? 0) > 0)
            // A quarter of a MiB is its share.
            #expect(acknowledged.count == 2 + 13)
            #expect(try installation.metric("webhooks_total{outcome=\"full\"}") == 1)
            #expect(caller.get("/readyz")?.status == 200)
            let others = (0..<200).map { "o\($0)" }
            for id in others { #expect(try installation.post("well/works", id: id, by: caller).status == 202) }

            #expect(try installation.command("retry", "sick/away").code == 0)
            try until("there is room again") {
                let answer = try installation.post("sick/away", id: "again", filling, by: caller)
                return answer.status == 202
            }
            try installation.untilSettled()
            try installation.stop()
            try installation.expectExactly(acknowledged + ["again"], in: "sick/away")
            try installation.expectExactly(others, in: "well/works")
        }
    }
}
