namespace SwarmNet.Cli.Templates;

/// <summary>A part of a parsed template.</summary>
internal abstract record TemplateNode
{
    public sealed record TextPart(string Text) : TemplateNode;

    public sealed record Action(Pipeline Pipe) : TemplateNode;

    public sealed record If(Pipeline Condition, List<TemplateNode> Then, List<TemplateNode> Else) : TemplateNode;

    public sealed record With(Pipeline Value, List<TemplateNode> Body, List<TemplateNode> Else) : TemplateNode;

    public sealed record Range(Pipeline Over, List<TemplateNode> Body, List<TemplateNode> Else) : TemplateNode;

    public sealed record LoopExit(bool IsBreak) : TemplateNode;
}

/// <summary>Commands joined by <c>|</c>, with the variables that take the result.</summary>
internal sealed record Pipeline(string[] Variables, bool Declares, List<PipelineCommand> Commands);

/// <summary>One operand, or a function (or method) with its arguments.</summary>
internal sealed record PipelineCommand(List<Operand> Operands);

/// <summary>Something with a value. <paramref name="Position"/> is its offset in the template, for error messages.</summary>
internal abstract record Operand(int Position)
{
    public sealed record Dot(int Position) : Operand(Position);

    public sealed record Literal(object? Value, int Position) : Operand(Position);

    public sealed record Function(string Name, int Position) : Operand(Position);

    public sealed record Variable(string Name, int Position) : Operand(Position);

    public sealed record Group(Pipeline Inner, int Position) : Operand(Position);

    /// <summary><c>.A.B</c> after another operand.</summary>
    public sealed record Fields(Operand Of, string[] Names, int Position) : Operand(Position);
}
