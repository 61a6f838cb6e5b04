using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Events;

/// <summary>Something that happened, as <c>GET /events</c> tells it.</summary>
/// <param name="Type">Kind of object, for example <c>service</c>.</param>
/// <param name="Action">What happened to it, for example <c>update</c>.</param>
/// <param name="ActorId">The object's id.</param>
/// <param name="Attributes">The object's name and what changed.</param>
/// <param name="Scope"><c>swarm</c> or <c>local</c>.</param>
/// <param name="Time">When.</param>
public sealed record EngineEvent(
    string Type, string Action, string ActorId, IReadOnlyDictionary<string, string> Attributes, string Scope, Timestamp Time)
{
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Type == "container")
        {
            // Old clients look for these three.
            json.WriteString("status", Action);
            json.WriteString("id", ActorId);
            json.WriteString("from", Attributes.GetValueOrDefault("image", ""));
        }

        json.WriteString(nameof(Type), Type);
        json.WriteString(nameof(Action), Action);
        json.WriteStartObject("Actor");
        json.WriteString("ID", ActorId);
        json.Map(nameof(Attributes), Attributes);
        json.WriteEndObject();
        json.WriteString("scope", Scope);
        json.WriteNumber("time", Time.Seconds);
        json.WriteNumber("timeNano", GoTime.UnixNanoseconds(Time));
        json.WriteEndObject();
    }
}
