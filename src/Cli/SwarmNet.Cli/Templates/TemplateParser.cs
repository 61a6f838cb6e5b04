using System.Globalization;
using System.Text;

namespace SwarmNet.Cli.Templates;

/// <summary>Reads the subset of Go's text/template that format flags use: everything but define, block and template.</summary>
internal sealed class TemplateParser
{
    private readonly string _source;
    private int _at;

    // The action being read: its text ends at _end.
    private int _end;
    private int _actionStart;

    private TemplateParser(string source) => _source = source;

    public static List<TemplateNode> Parse(string source)
    {
        var parser = new TemplateParser(source);
        var (nodes, end) = parser.ParseList();
        return end.Length == 0 ? nodes : throw parser.Error($"unexpected {{{{{end}}}}}");
    }

    private (List<TemplateNode> Nodes, string End) ParseList()
    {
        var nodes = new List<TemplateNode>();
        while (_at < _source.Length)
        {
            var open = _source.IndexOf("{{", _at, StringComparison.Ordinal);
            var text = open < 0 ? _source[_at..] : _source[_at..open];
            if (open < 0)
            {
                Text(nodes, text);
                _at = _source.Length;
                break;
            }

            _actionStart = open;
            _at = open + 2;
            if (_at + 1 < _source.Length && _source[_at] == '-' && char.IsWhiteSpace(_source[_at + 1]))
            {
                text = text.TrimEnd();
                _at++;
            }

            Text(nodes, text);
            OpenAction(out var trimAfter);
            SkipBlanks();
            if (_at < _end && _source.AsSpan(_at, _end - _at).StartsWith("/*"))
            {
                CloseAction(trimAfter);
                continue;
            }

            var keyword = Keyword();
            switch (keyword)
            {
                case "end":
                    CloseAction(trimAfter);
                    return (nodes, "end");
                case "else":
                    var chained = _at < _end;
                    if (!chained)
                    {
                        CloseAction(trimAfter);
                    }

                    return (nodes, chained ? "else if" : "else");
                case "if" or "with" or "range":
                    nodes.Add(ParseBlock(keyword, trimAfter));
                    break;
                case "break" or "continue":
                    CloseAction(trimAfter);
                    nodes.Add(new TemplateNode.LoopExit(keyword == "break"));
                    break;
                default:
                    var pipe = ParsePipeline(closing: false);
                    CloseAction(trimAfter);
                    nodes.Add(new TemplateNode.Action(pipe));
                    break;
            }
        }

        return (nodes, "");
    }

    private TemplateNode ParseBlock(string keyword, bool trimAfter)
    {
        var pipe = ParsePipeline(closing: false);
        CloseAction(trimAfter);
        var (body, end) = ParseList();
        List<TemplateNode> otherwise = [];
        if (end == "else")
        {
            (otherwise, end) = ParseList();
        }
        else if (end == "else if")
        {
            SkipBlanks();
            var next = Keyword();
            if (next is not ("if" or "with"))
            {
                throw Error("unexpected token in {{else}}");
            }

            var trims = TrimsAfter();
            return Block(keyword, pipe, body, [ParseBlock(next, trims)]);
        }

        if (end != "end")
        {
            throw Error("unexpected EOF");
        }

        return Block(keyword, pipe, body, otherwise);
    }

    private static TemplateNode Block(string keyword, Pipeline pipe, List<TemplateNode> body, List<TemplateNode> otherwise) => keyword switch
    {
        "if" => new TemplateNode.If(pipe, body, otherwise),
        "with" => new TemplateNode.With(pipe, body, otherwise),
        _ => new TemplateNode.Range(pipe, body, otherwise),
    };

    private static void Text(List<TemplateNode> nodes, string text)
    {
        if (text.Length > 0)
        {
            nodes.Add(new TemplateNode.TextPart(text));
        }
    }

    private void OpenAction(out bool trimAfter)
    {
        var quote = '\0';
        for (var i = _at; i < _source.Length; i++)
        {
            var c = _source[i];
            if (quote != '\0')
            {
                if (c == '\\' && quote == '"')
                {
                    i++;
                }
                else if (c == quote)
                {
                    quote = '\0';
                }
            }
            else if (c is '"' or '`')
            {
                quote = c;
            }
            else if (c == '}' && i + 1 < _source.Length && _source[i + 1] == '}')
            {
                _end = i;
                trimAfter = TrimsAfter();
                return;
            }
        }

        throw Error("unclosed action");
    }

    private bool TrimsAfter()
    {
        if (_end - 2 >= _at && _source[_end - 1] == '-' && char.IsWhiteSpace(_source[_end - 2]))
        {
            _end -= 2;
            return true;
        }

        return _source[_end] != '}';
    }

    private void CloseAction(bool trimAfter)
    {
        if (_source.AsSpan(_at, Math.Max(0, _end - _at)).Trim() is { Length: > 0 } left && !left.StartsWith("/*"))
        {
            throw Error($"unexpected {left.ToString()} in operand");
        }

        _at = _source.IndexOf("}}", _end, StringComparison.Ordinal) + 2;
        if (trimAfter)
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            {
                _at++;
            }
        }
    }

    private void SkipBlanks()
    {
        while (_at < _end && char.IsWhiteSpace(_source[_at]))
        {
            _at++;
        }
    }

    private string Keyword()
    {
        var start = _at;
        while (_at < _end && (char.IsLetterOrDigit(_source[_at]) || _source[_at] == '_'))
        {
            _at++;
        }

        var word = _source[start.._at];
        if (word is "end" or "else" or "if" or "with" or "range" or "break" or "continue")
        {
            SkipBlanks();
            return word;
        }

        if (word is "define" or "block" or "template")
        {
            throw Error($"{{{{{word}}}}} is not supported in a format");
        }

        _at = start;
        return "";
    }

    private Pipeline ParsePipeline(bool closing)
    {
        var (variables, declares) = ParseDeclaration();
        var commands = new List<PipelineCommand>();
        while (true)
        {
            var operands = new List<Operand>();
            while (true)
            {
                SkipBlanks();
                if (_at >= _end || _source[_at] is '|' or ')')
                {
                    break;
                }

                operands.Add(ParseOperand());
            }

            if (operands.Count == 0)
            {
                throw Error("missing value for command");
            }

            commands.Add(new PipelineCommand(operands));
            if (_at < _end && _source[_at] == '|')
            {
                _at++;
                continue;
            }

            if (closing != (_at < _end && _source[_at] == ')'))
            {
                throw Error(closing ? "unclosed left paren" : "unexpected right paren");
            }

            return new Pipeline(variables, declares, commands);
        }
    }

    private (string[] Variables, bool Declares) ParseDeclaration()
    {
        SkipBlanks();
        var text = _source.AsSpan(_at, _end - _at);
        var assign = text.IndexOf('=');
        if (text.Length == 0 || text[0] != '$' || assign < 0)
        {
            return ([], false);
        }

        var declares = text[assign - 1] == ':';
        var names = text[..(declares ? assign - 1 : assign)].ToString().Split(',', StringSplitOptions.TrimEntries);
        if (!names.All(name => name.Length > 0 && name[0] == '$' && name.Skip(1).All(IsName)))
        {
            return ([], false);
        }

        _at += assign + 1;
        return (names, declares);
    }

    private Operand ParseOperand()
    {
        var start = _at;
        var c = _source[_at];
        Operand operand;
        switch (c)
        {
            case '.':
                operand = new Operand.Dot(start);
                if (_at + 1 >= _end || !IsName(_source[_at + 1]))
                {
                    _at++;
                    return operand;
                }

                break;
            case '$':
                _at++;
                operand = new Operand.Variable("$" + Name(), start);
                break;
            case '(':
                _at++;
                operand = new Operand.Group(ParsePipeline(closing: true), start);
                _at++;
                break;
            case '"' or '`':
                return new Operand.Literal(StringLiteral(c), start);
            case '\'':
                _at++;
                var close = _source.IndexOf('\'', _at);
                var rune = close == _at + 1 ? (long)_source[_at] : throw Error("malformed character constant");
                _at = close + 1;
                return new Operand.Literal(rune, start);
            case '-' or '+' or (>= '0' and <= '9'):
                return new Operand.Literal(Number(), start);
            default:
                if (!IsName(c))
                {
                    throw Error($"unexpected bad character U+{(int)c:X4} '{c}' in command");
                }

                var word = Name();
                return word switch
                {
                    "true" => new Operand.Literal(true, start),
                    "false" => new Operand.Literal(false, start),
                    "nil" => new Operand.Literal(null, start),
                    _ => TemplateFunctions.Exists(word) ? new Operand.Function(word, start) : throw Error($"function \"{word}\" not defined"),
                };
        }

        var names = new List<string>();
        while (_at + 1 < _end && _source[_at] == '.' && IsName(_source[_at + 1]))
        {
            _at++;
            names.Add(Name());
        }

        return names.Count == 0 ? operand : new Operand.Fields(operand, [.. names], start);
    }

    private static bool IsName(char c) => char.IsLetterOrDigit(c) || c == '_';

    private string Name()
    {
        var start = _at;
        while (_at < _end && IsName(_source[_at]))
        {
            _at++;
        }

        return _source[start.._at];
    }

    private string StringLiteral(char quote)
    {
        var result = new StringBuilder();
        for (_at++; _at < _end; _at++)
        {
            var c = _source[_at];
            if (c == quote)
            {
                _at++;
                return result.ToString();
            }

            if (c == '\\' && quote == '"' && _at + 1 < _end)
            {
                _at++;
                result.Append(_source[_at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
                continue;
            }

            result.Append(c);
        }

        throw Error("unterminated quoted string");
    }

    private object Number()
    {
        var start = _at++;
        while (_at < _end && (char.IsLetterOrDigit(_source[_at]) || _source[_at] == '.'))
        {
            _at++;
        }

        var text = _source[start.._at];
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return integer;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            ? real
            : throw Error($"bad number syntax: \"{text}\"");
    }

    private TemplateException Error(string message)
    {
        var line = _source.AsSpan(0, Math.Min(_actionStart, _source.Length)).Count('\n') + 1;
        return new TemplateException($"template: :{line}: {message}");
    }
}
