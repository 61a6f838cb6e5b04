namespace SwarmNet.Cli.Templates;

/// <summary>A template that cannot be read or evaluated, in the words of Go's text/template.</summary>
internal sealed class TemplateException : Exception
{
    public TemplateException(string message)
        : base(message)
    {
    }
}
