using System.Diagnostics.CodeAnalysis;

namespace GameStack.Backend;

/// <summary>A value, or one sentence that says why there is none.</summary>
internal readonly record struct Result<T>
    where T : class
{
    private Result(T? value, string? failure) => (Value, Failure) = (value, failure);

    public T? Value { get; }

    /// <summary>Null when there is a value.</summary>
    public string? Failure { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsSuccess => Value is not null;

    public static Result<T> Of(T value) => new(value, failure: null);

    public static Result<T> Failed(string why) => new(value: null, why);
}
