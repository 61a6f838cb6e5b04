using Microsoft.AspNetCore.Http;
using SwarmNet.Agent.Images;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Grpc;
using SwarmNet.Manager.Control;

namespace SwarmNet.EngineApi.Http;

/// <summary>What a client sees of an exception: HTTP status and sentence.</summary>
internal static class ErrorText
{
    public static (int Status, string Message) Of(Exception error) => error switch
    {
        ApiException api => (api.Status, api.Message),
        ControlException control => (StatusOf(control.Code), $"rpc error: code = {control.Code} desc = {control.Message}"),
        ImageException { Error: ImageError.NotFound } => (404, error.Message),
        ImageException { Error: ImageError.Conflict } => (409, error.Message),
        ImageException => (400, error.Message),
        GoJsonException or ConversionException => (400, error.Message),
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        _ => (500, error.Message),
    };

    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => 400,
        StatusCode.Unauthenticated => 401,
        StatusCode.PermissionDenied => 403,
        StatusCode.NotFound => 404,
        StatusCode.AlreadyExists => 409,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        _ => 500,
    };
}
