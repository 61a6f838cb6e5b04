using System.Globalization;
using System.Text;
using System.Text.Json;
using SwarmNet.Cli.Formatting;

namespace SwarmNet.Cli.Templates;

/// <summary>A parsed format, run on one object after another.</summary>
internal sealed class Template
{
    private readonly string _source;
    private readonly List<TemplateNode> _nodes;

    private Template(string source, List<TemplateNode> nodes)
    {
        _source = source;
        _nodes = nodes;
    }

    private enum LoopState
    {
        None,
        Break,
        Continue,
    }

    public static Template Parse(string source) => new(source, TemplateParser.Parse(source));

    /// <summary>Runs the template.</summary>
    /// <param name="data">A <see cref="TemplateRow"/> or <see cref="JsonField"/>.</param>
    /// <param name="output">Takes the text, also what came before an error.</param>
    public void Execute(object? data, StringBuilder output) =>
        Run(_nodes, data, new Dictionary<string, object?>(StringComparer.Ordinal) { ["$"] = data }, output);

    private LoopState Run(List<TemplateNode> nodes, object? dot, Dictionary<string, object?> variables, StringBuilder output)
    {
        foreach (var node in nodes)
        {
            var state = LoopState.None;
            switch (node)
            {
                case TemplateNode.TextPart text:
                    output.Append(text.Text);
                    break;
                case TemplateNode.Action action:
                    var value = Evaluate(action.Pipe, dot, variables);
                    if (action.Pipe.Variables.Length == 0)
                    {
                        output.Append(TemplateValue.Print(value));
                    }

                    break;
                case TemplateNode.If condition:
                    state = Run(
                        TemplateValue.IsTrue(Evaluate(condition.Condition, dot, variables)) ? condition.Then : condition.Else, dot, variables, output);
                    break;
                case TemplateNode.With with:
                    var inner = Evaluate(with.Value, dot, variables);
                    state = TemplateValue.IsTrue(inner) ? Run(with.Body, inner, variables, output) : Run(with.Else, dot, variables, output);
                    break;
                case TemplateNode.Range range:
                    RunRange(range, dot, variables, output);
                    break;
                case TemplateNode.LoopExit exit:
                    return exit.IsBreak ? LoopState.Break : LoopState.Continue;
                default:
                    break;
            }

            if (state != LoopState.None)
            {
                return state;
            }
        }

        return LoopState.None;
    }

    private void RunRange(TemplateNode.Range range, object? dot, Dictionary<string, object?> variables, StringBuilder output)
    {
        var any = false;
        var names = range.Over.Variables;
        foreach (var (key, value) in TemplateFunctions.Enumerate(Evaluate(range.Over with { Variables = [] }, dot, variables)))
        {
            any = true;
            var scope = new Dictionary<string, object?>(variables, StringComparer.Ordinal);
            if (names.Length == 1)
            {
                scope[names[0]] = value;
            }
            else if (names.Length == 2)
            {
                scope[names[0]] = key;
                scope[names[1]] = value;
            }

            if (Run(range.Body, value, scope, output) == LoopState.Break)
            {
                break;
            }
        }

        if (!any)
        {
            Run(range.Else, dot, variables, output);
        }
    }

    private object? Evaluate(Pipeline pipe, object? dot, Dictionary<string, object?> variables)
    {
        object? value = null;
        for (var i = 0; i < pipe.Commands.Count; i++)
        {
            value = Evaluate(pipe.Commands[i], dot, variables, i > 0, value);
        }

        foreach (var name in pipe.Variables)
        {
            variables[name] = value;
        }

        return value;
    }

    private object? Evaluate(PipelineCommand command, object? dot, Dictionary<string, object?> variables, bool piped, object? final)
    {
        var first = command.Operands[0];
        if (first is Operand.Function function)
        {
            var args = command.Operands.Skip(1).Select(operand => Value(operand, dot, variables)).ToList();
            if (piped)
            {
                args.Add(final);
            }

            try
            {
                return args.Count > 0
                    ? TemplateFunctions.Call(function.Name, args)
                    : throw new TemplateException($"wrong number of args for {function.Name}: want at least 1 got 0");
            }
            catch (TemplateException error)
            {
                throw Error(function.Position, function.Name, error.Message);
            }
        }

        if (first is Operand.Fields { Of: Operand.Dot, Names: ["Label"] } method && dot is TemplateRow { Labels: { } labels } && command.Operands.Count == 2)
        {
            return labels.GetValueOrDefault(TemplateValue.Print(Value(command.Operands[1], dot, variables)), "");
        }

        return command.Operands.Count == 1 && !piped
            ? Value(first, dot, variables)
            : throw Error(first.Position, Source(first), "can't give argument to non-function " + Source(first));
    }

    private object? Value(Operand operand, object? dot, Dictionary<string, object?> variables) => operand switch
    {
        Operand.Dot => dot,
        Operand.Literal literal => literal.Value,
        Operand.Variable variable => variables.TryGetValue(variable.Name, out var value)
            ? value
            : throw new TemplateException($"template: :1: undefined variable \"{variable.Name}\""),
        Operand.Group group => Evaluate(group.Inner, dot, variables),
        Operand.Fields fields => Fields(fields, Value(fields.Of, dot, variables)),
        Operand.Function function => TemplateFunctions.Call(function.Name, []),
        _ => null,
    };

    private object? Fields(Operand.Fields fields, object? value)
    {
        foreach (var name in fields.Names)
        {
            value = Field(fields, value, name);
        }

        return value;
    }

    private object? Field(Operand.Fields fields, object? value, string name)
    {
        switch (value)
        {
            case TemplateRow row:
                return row.TryGet(name, out var found)
                    ? found
                    : throw Error(fields.Position, "." + string.Join('.', fields.Names), $"can't evaluate field {name} in type {row.GoType}");
            case JsonField { Element.ValueKind: JsonValueKind.Object } parent:
                if (parent.Element.TryGetProperty(name, out var exact))
                {
                    return JsonField.Unwrap(name, exact, parent.IsTyped || parent.Type is not null);
                }

                foreach (var property in parent.Element.EnumerateObject())
                {
                    // Go's ID is JSON's Id in half of Docker's types.
                    if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    {
                        return JsonField.Unwrap(property.Name, property.Value);
                    }
                }

                if (parent.Type is { } type && Array.IndexOf(type.Fields, name) < 0)
                {
                    throw Error(fields.Position, "." + string.Join('.', fields.Names), $"can't evaluate field {name} in type {type.Name}");
                }

                return new JsonField(name, default, parent.IsRoot);
            case JsonField { IsMissing: true } missing:
                return missing.IsRoot
                    ? throw Error(fields.Position, "." + string.Join('.', fields.Names), $"nil pointer evaluating {missing.Name}.{name}")
                    : new JsonField(name, default);
            default:
                throw Error(fields.Position, "." + string.Join('.', fields.Names), $"can't evaluate field {name} in type {TypeName(value)}");
        }
    }

    private static string TypeName(object? value) => value switch
    {
        string => "string",
        bool => "bool",
        long => "int",
        double => "float64",
        null => "nil",
        _ => "[]interface {}",
    };

    private static string Source(Operand operand) => operand switch
    {
        Operand.Fields fields => "." + string.Join('.', fields.Names),
        Operand.Variable variable => variable.Name,
        Operand.Literal { Value: string text } => GoText.Quote(text),
        Operand.Literal literal => TemplateValue.Print(literal.Value),
        _ => ".",
    };

    private TemplateException Error(int position, string at, string message)
    {
        var before = _source.AsSpan(0, position);
        var line = before.Count('\n') + 1;
        var column = position - (before.LastIndexOf('\n') + 1);
        return new TemplateException(string.Create(CultureInfo.InvariantCulture, $"template: :{line}:{column}: executing \"\" at <{at}>: {message}"));
    }
}
