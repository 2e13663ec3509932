import Core
import Sandbox
import Testing
import Transport

/// A tree in which some leaves fail.
@OnLoop private struct Twig: GraphQL.Node {
    let typeName: String

    func resolve(_ field: String, _ arguments: JSON.Object) throws(GraphQL.Fault) -> GraphQL.Resolved {
        switch field {
        case "bad", "badly": throw GraphQL.Fault("a twig broke")
        case "self": return .node(Twig(typeName: "Twig"))
        case "twigs": return .list([.node(Twig(typeName: "Twig")), .null, .node(Twig(typeName: "Twig"))])
        case "echo": return .json(.string(JSON.object(arguments).text()))
        case "odd": return .json("no number")
        default: return .json(.string(field))
        }
    }
}

@OnLoop private final class Trunk: GraphQL.Root {
    var order: [String] = []

    func resolve(_ field: GraphQL.RootField) async throws(GraphQL.Fault) -> GraphQL.Resolved {
        order.append("\(field.responseName)<")
        try? await EpollLoop.process.sleep(for: .milliseconds(1))
        order.append("\(field.responseName)>")
        return try Twig(typeName: "Query").resolve(field.name, field.arguments)
    }
}

@Suite(.onLoop) struct `executing GraphQL` {
    private func schema() throws -> GraphQL.Schema {
        try GraphQL.Schema(
            definitions: """
                "A description." type Query {
                  self: Twig twigs: [Twig] bad: String badly: String! name: String odd: Int
                  echo(a: Int = 3, b: [ID!], c: Color, d: In, e: JSON): String
                }
                type Mutation { name: String bad: String }
                interface Thing { name: String }
                type Twig implements Thing { name: String bad: String badly: String! self: Twig! twigs: [Twig!] }
                enum Color { red green }
                input In { x: Int! y: [String] = ["z"] }
                scalar JSON
                """
        )
    }

    @OnLoop private func run(
        _ text: String,
        _ variables: JSON.Object = .init(),
        name: String? = nil
    ) async throws -> (
        JSON, [String], [String]
    ) {
        let schema = try schema()
        let document = try GraphQL.Document(text)
        #expect(schema.faults(of: document) == [])
        let trunk = Trunk()
        let outcome = await (try schema.prepare(document, operationName: name, variables: variables)).execute(trunk)
        return (outcome.data, outcome.errors.map { JSON.array($0.path).text() }, trunk.order)
    }

    @Test func `answers in the document's order, one field after the other`() async throws {
        let (data, errors, order) = try await run("mutation { b: name __typename a: name }")
        #expect(data.text() == #"{"b":"name","__typename":"Mutation","a":"name"}"# && errors == [])
        #expect(order == ["b<", "b>", "a<", "a>"])
    }

    @Test(arguments: [
        ("{ bad name }", #"{"bad":null,"name":"name"}"#, [#"["bad"]"#]),
        ("{ name badly }", "null", [#"["badly"]"#]),
        ("{ self { name badly } name }", #"{"self":null,"name":"name"}"#, [#"["self","badly"]"#]),
        ("{ self { self { badly } } name }", #"{"self":null,"name":"name"}"#, [#"["self","self","badly"]"#]),
        ("{ twigs { name } }", #"{"twigs":[{"name":"name"},null,{"name":"name"}]}"#, []),
        (
            "{ twigs { badly } }", #"{"twigs":[null,null,null]}"#,
            [#"["twigs",0,"badly"]"#, #"["twigs",2,"badly"]"#]
        ),
        ("{ self { twigs { name } } }", #"{"self":{"twigs":null}}"#, [#"["self","twigs",1]"#]),
        ("{ odd }", #"{"odd":null}"#, [#"["odd"]"#]),
    ])
    func `lets null go up to where it may stand`(text: String, data: String, paths: [String]) async throws {
        let (found, errors, _) = try await run(text)
        #expect(found.text() == data)
        #expect(errors == paths)
    }

    @Test func `merges fields and applies fragments and directives`() async throws {
        let (data, _, _) = try await run(
            """
            query($yes: Boolean = true) {
              self { name @skip(if: $yes) ...T } ... on Query @include(if: $yes) { self { ... on Thing { n: name } self { name } } }
            }
            fragment T on Thing { name ...T2 } fragment T2 on Twig { self { bad } }
            """
        )
        #expect(data.text() == #"{"self":{"name":"name","self":{"bad":null,"name":"name"},"n":"name"}}"#)
    }

    @Test(arguments: [
        ("{ echo }", "{}", #"{"a":3}"#),
        ("{ echo(a: null, b: 7, c: red) }", "{}", #"{"a":null,"b":["7"],"c":"red"}"#),
        ("query($a: Int) { echo(a: $a) }", "{}", #"{"a":3}"#),
        ("query($a: Int) { echo(a: $a) }", #"{"a":null}"#, #"{"a":null}"#),
        ("query($a: Int = 5) { echo(a: $a) }", "{}", #"{"a":5}"#),
        ("query($b: [ID!]) { echo(b: $b) }", #"{"b":12}"#, #"{"a":3,"b":["12"]}"#),
        ("query($d: In) { echo(d: $d) }", #"{"d":{"x":1}}"#, #"{"a":3,"d":{"x":1,"y":["z"]}}"#),
        ("query($x: Int!) { echo(d: {x: $x, y: null}) }", #"{"x":1}"#, #"{"a":3,"d":{"x":1,"y":null}}"#),
        ("query($x: Int) { echo(e: {k: [$x, 1.50, en]}) }", #"{"x":1}"#, #"{"a":3,"e":{"k":[1,1.50,"en"]}}"#),
    ])
    func `coerces arguments and variables`(text: String, variables: String, echo: String) async throws {
        guard case .object(let variables) = try JSON.parse(variables) else { return }
        let (data, _, _) = try await run(text, variables)
        #expect(try JSONField(data)["echo"].string() == echo)
    }

    @Test(arguments: [
        ("query($a: Int!) { echo(a: $a) }", "{}", "was not provided"),
        ("query($a: Int!) { echo(a: $a) }", #"{"a":null}"#, "not to be null"),
        ("query($a: Int) { echo(a: $a) }", #"{"a":"1"}"#, "Int cannot represent a string"),
        ("query($a: Int) { echo(a: $a) }", #"{"a":1.5}"#, "Int cannot represent a number"),
        ("query($b: [ID!]) { echo(b: $b) }", #"{"b":["1",null]}"#, "at \"[1]\""),
        ("query($c: Color) { echo(c: $c) }", #"{"c":"blue"}"#, "Color cannot represent"),
        ("query($d: In) { echo(d: $d) }", #"{"d":{}}"#, "\"x\" of required type"),
        ("query($d: In) { echo(d: $d) }", #"{"d":{"x":1,"w":2}}"#, "\"w\" is not defined"),
        ("query($d: In) { echo(d: $d) }", #"{"d":1}"#, "to be an object"),
        ("query A { name } query B { name }", "{}", "Must provide operation name"),
    ])
    func `refuses variables that do not fit`(text: String, variables: String, why: String) throws {
        guard case .object(let variables) = try JSON.parse(variables) else { return }
        let document = try GraphQL.Document(text)
        let fault = #expect(throws: GraphQL.Fault.self) {
            try schema().prepare(document, operationName: nil, variables: variables)
        }
        #expect(fault?.message.contains(why) == true, "\(String(describing: fault))")
    }

    @Test(arguments: [
        "type A { b: Missing }", "type A { b: Int } type A { c: Int }", "type A implements Gone { b: Int }",
        "nonsense A",
        "type A { }", "input I { a: Int = }",
    ])
    func `refuses a schema that is not whole`(text: String) {
        #expect(throws: GraphQL.Fault.self) { try GraphQL.Schema(definitions: text) }
    }
}
